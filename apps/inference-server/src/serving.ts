import { Fitted, MettleError, type RouteTable, type VersionRef } from '@mettle/contracts';
import type { BlobStore } from '@mettle/blob-store';
import { type CompiledService, compileService, parseDefinition, ServiceDefinition } from '@mettle/feature-language';
import { loadModel, type LoadedModel, type RequestSchema, requestSchema } from '@mettle/inference';
import { versionsToScore } from '@mettle/routing';

/** A version in memory with the feature service that it was trained on. */
export interface ServedVersion {
  readonly key: string;
  readonly version: VersionRef;
  readonly file: string;
  readonly model: LoadedModel;
  readonly service: CompiledService;
}

/** Everything that answers requests at one epoch; replaced whole, never changed. */
export interface Serving {
  readonly table: RouteTable;
  readonly versions: ReadonlyMap<string, ServedVersion>;
  /** Distinct services of the versions, the champion's first. */
  readonly services: readonly CompiledService[];
  /** Null while there is no champion. */
  readonly schema: RequestSchema | null;
}

/**
 * Loads what a table names, each proved by a probe; versions that the former table had are kept.
 * @throws MettleError UNKNOWN_BLOB | CORRUPT_BLOB | SIGNATURE_MISMATCH | SERVICE_MISMATCH
 */
export async function loadServing(table: RouteTable, blobs: BlobStore, former: Serving | null): Promise<Serving> {
  const services = new Map<string, CompiledService>((former?.services ?? []).map((service) => [service.hash, service]));
  const versions = new Map<string, ServedVersion>();
  for (const { key, version } of versionsToScore(table)) {
    const files = table.files[key];
    if (files === undefined || files.definition === null || files.service === null) {
      throw new MettleError('MODEL_UNAVAILABLE', `the route names no files for ${key}`, { version: key });
    }
    const kept = former?.versions.get(key);
    if (kept !== undefined && kept.file === files.file) {
      versions.set(key, kept);
      continue;
    }
    let service = services.get(files.service);
    if (service === undefined) {
      service = compileService(parseDefinition(await blobs.getJson(files.definition, ServiceDefinition)));
      if (service.hash !== files.service) throw new MettleError('SERVICE_MISMATCH', `the definition of ${key} is another service`, { expected: files.service, found: service.hash });
      services.set(service.hash, service);
    }
    const fitted = files.fitted === null ? null : await blobs.getJson(files.fitted, Fitted);
    const model = await loadModel({ bytes: await blobs.get(files.file), fitted, definition: service.definition });
    versions.set(key, { key, version, file: files.file, model, service });
  }
  const used = [...new Map([...versions.values()].map(({ service }) => [service.hash, service])).values()];
  return { table, versions, services: used, schema: schemaOf(used, table.clock) };
}

/**
 * What a request looks like. A text column may name an entity of a service to come: it is logged as a key too, so that a
 * later model can join on it.
 */
function schemaOf([champion, ...others]: readonly CompiledService[], clock: RouteTable['clock']): RequestSchema | null {
  if (champion === undefined) return null;
  const texts = champion.request.filter(({ type }) => type === 'string').map(({ name }) => [name, 'string'] as const);
  return requestSchema(champion, clock, others, Object.fromEntries(texts));
}

/** Frees the versions that a new table has dropped. */
export async function releaseDropped(former: Serving, next: Serving): Promise<void> {
  for (const [key, version] of former.versions) {
    if (next.versions.get(key)?.model !== version.model) await version.model.close();
  }
}
