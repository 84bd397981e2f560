import { MettleError, ModelManifestInput, hashOf, versionKey, type ModelManifest, type ModelVersionView, type VersionRef } from '@mettle/contracts';
import { aliases, and, asc, eq, max, modelVersions, registeredModels, type Orm } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';
import { missingLineage } from './lineage.ts';
import { insertModel, unknownModel } from './models.ts';
import { parse } from './parse.ts';

export type VersionRow = typeof modelVersions.$inferSelect;

const unknownVersion = (ref: VersionRef): MettleError => new MettleError('UNKNOWN_VERSION', `there is no ${versionKey(ref)}`, { model: ref.model, version: ref.version });

export const isVersion = (ref: VersionRef) => and(eq(modelVersions.model, ref.model), eq(modelVersions.version, ref.version));

/** The stored row. @throws MettleError UNKNOWN_VERSION */
export async function versionRow(orm: Orm, ref: VersionRef): Promise<VersionRow> {
  const [row] = await orm.select().from(modelVersions).where(isVersion(ref));
  if (!row) throw unknownVersion(ref);
  return row;
}

const viewOf = (row: VersionRow, names: readonly string[]): ModelVersionView => ({
  manifest: row.manifest,
  stage: row.stage,
  aliases: [...names].sort(),
  qualified: row.qualified,
  lineage: { complete: row.missing.length === 0, missing: row.missing },
});

export function versionRegister({ db, blobs, now }: RegistryDeps) {
  return {
    /**
     * Numbers and stores a version: the model's greatest number + 1, decided while the model's row is locked, so that
     * numbers have no gaps and no rival gets the same. Its stage is development.
     * @param key idempotency: the same key of the same model returns the version that the first call made
     * @param options.createModel makes the model when it is unknown
     * @throws MettleError INVALID_INPUT | UNKNOWN_MODEL | UNKNOWN_VERSION (of the parent)
     */
    async registerVersion(input: ModelManifestInput, key: string, options: { createModel?: boolean } = {}): Promise<VersionRef> {
      const manifest = parse(ModelManifestInput, input, 'manifest');
      const model = manifest.model;
      return db.transaction(async (tx) => {
        if (options.createModel) await insertModel(tx, model, '', manifest.by, now());
        const [locked] = await tx.select({ name: registeredModels.name }).from(registeredModels).where(eq(registeredModels.name, model)).for('update');
        if (!locked) throw unknownModel(model);
        const [known] = await tx.select({ version: modelVersions.version }).from(modelVersions).where(and(eq(modelVersions.model, model), eq(modelVersions.key, key)));
        if (known) return { model, version: known.version };
        if (manifest.parent) await versionRow(tx, manifest.parent);

        const [greatest] = await tx.select({ version: max(modelVersions.version) }).from(modelVersions).where(eq(modelVersions.model, model));
        const numbered: ModelManifest = { ...manifest, version: (greatest?.version ?? 0) + 1 };
        // The blob comes first: a version that can be seen can be read. One without a version is harmless.
        await blobs.putJson(numbered);
        await tx.insert(modelVersions).values({
          model,
          version: numbered.version,
          key,
          manifest: numbered,
          manifestHash: hashOf(numbered),
          missing: missingLineage(numbered),
          stage: 'development',
          qualified: null,
          registeredAt: now(),
        });
        return { model, version: numbered.version };
      });
    },

    /** @throws MettleError UNKNOWN_VERSION */
    async version(ref: VersionRef): Promise<ModelVersionView> {
      const rows = await db.orm
        .select({ row: modelVersions, alias: aliases.alias })
        .from(modelVersions)
        .leftJoin(aliases, and(eq(aliases.model, modelVersions.model), eq(aliases.version, modelVersions.version)))
        .where(isVersion(ref));
      const [first] = rows;
      if (!first) throw unknownVersion(ref);
      return viewOf(first.row, rows.flatMap((r) => (r.alias === null ? [] : [r.alias])));
    },

    /** Oldest first. @throws MettleError UNKNOWN_MODEL */
    async versions(model: string): Promise<ModelVersionView[]> {
      const [rows, named, known] = await Promise.all([
        db.orm.select().from(modelVersions).where(eq(modelVersions.model, model)).orderBy(asc(modelVersions.version)),
        db.orm.select().from(aliases).where(eq(aliases.model, model)),
        db.orm.select({ name: registeredModels.name }).from(registeredModels).where(eq(registeredModels.name, model)),
      ]);
      if (known.length === 0) throw unknownModel(model);
      const byVersion = new Map<number, string[]>();
      for (const { alias, version } of named) byVersion.set(version, [...(byVersion.get(version) ?? []), alias]);
      return rows.map((row) => viewOf(row, byVersion.get(row.version) ?? []));
    },
  };
}
