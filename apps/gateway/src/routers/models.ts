import { z } from 'zod';
import { ModelVersionView, Name, Principal, Snapshot, TimeUs, VersionRef } from '@mettle/contracts';
import { READERS } from '../auth/guard.ts';
import { allow, rest, router } from '../trpc/init.ts';

const RegisteredModel = z.object({ name: z.string(), description: z.string(), by: Principal, createdAt: TimeUs, latest: z.int() });

/** Registered models and their versions. The bytes of an imported model travel by the route of http/files.ts. */
export const models = router({
  create: allow(['scientist', 'platform'])
    .meta(rest('POST', '/models', 'Create a registered model'))
    .input(z.object({ model: Name, description: z.string().max(5_000).default('') }))
    .output(RegisteredModel)
    .mutation(({ ctx: { platform, principal }, input }) => platform.registry.createModel(input.model, { by: principal, description: input.description })),

  list: allow(READERS)
    .meta(rest('GET', '/models', 'Registered models by name'))
    .input(z.object({}))
    .output(z.array(RegisteredModel))
    .query(({ ctx: { platform } }) => platform.registry.models()),

  versions: allow(READERS)
    .meta(rest('GET', '/models/{model}/versions', 'Versions of a model, oldest first'))
    .input(z.object({ model: Name }))
    .output(z.array(ModelVersionView))
    .query(({ ctx: { platform }, input }) => platform.registry.versions(input.model)),

  version: allow(READERS)
    .meta(rest('GET', '/models/{model}/versions/{version}', 'One version: manifest, stage, aliases, what its lineage lacks'))
    .input(z.object({ model: Name, version: z.int().min(1) }))
    .output(ModelVersionView)
    .query(({ ctx: { platform }, input }) => platform.registry.version(input)),

  aliases: allow(READERS)
    .meta(rest('GET', '/models/{model}/aliases', 'Aliases of a model and the versions that they name'))
    .input(z.object({ model: Name }))
    .output(z.record(z.string(), z.string()))
    .query(async ({ ctx: { platform }, input }) => {
      await platform.registry.model(input.model);
      return platform.registry.aliases(input.model);
    }),

  setAlias: allow(['scientist', 'platform'])
    .meta(rest('POST', '/models/{model}/aliases/{alias}', 'Point an alias at a version; `champion` follows the endpoint'))
    .input(z.object({ model: Name, alias: z.string(), version: z.int().min(1) }))
    .output(VersionRef)
    .mutation(async ({ ctx: { platform }, input: { alias, ...version } }) => {
      await platform.registry.setAlias(version, alias);
      return version;
    }),

  lineage: allow(READERS)
    .meta(rest('GET', '/models/{model}/versions/{version}/lineage', 'Where a version comes from: data, features, trainer, environment, ancestors'))
    .input(z.object({ model: Name, version: z.int().min(1) }))
    .output(z.object({
      version: VersionRef,
      complete: z.boolean(),
      missing: z.array(z.string()),
      origin: z.enum(['trained', 'imported']),
      snapshot: Snapshot.nullable(),
      service: z.object({ hash: z.string(), name: z.string(), sources: z.array(z.string()) }).nullable(),
      manifest: ModelVersionView.shape.manifest,
      /** Parent, its parent, and so on. */
      ancestors: z.array(VersionRef),
    }))
    .query(async ({ ctx: { platform }, input }) => {
      const { manifest, lineage } = await platform.registry.version(input);
      const ancestors: VersionRef[] = [];
      for (let parent = manifest.parent; parent !== null && ancestors.length < 100; ) {
        ancestors.push(parent);
        parent = (await platform.registry.version(parent)).manifest.parent;
      }
      const service = manifest.featureService === null ? null : (await platform.services.get(manifest.featureService)).compiled;
      return {
        version: { model: manifest.model, version: manifest.version },
        ...lineage,
        origin: manifest.origin,
        snapshot: manifest.snapshot === null ? null : await platform.registry.snapshot(manifest.snapshot),
        service: service === null ? null : { hash: service.hash, name: service.name, sources: service.definition.sources.map((source) => source.name) },
        manifest,
        ancestors,
      };
    }),
});
