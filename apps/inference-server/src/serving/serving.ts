import { versionKey, type RouteTable } from '@mettle/contracts';
import type { CompiledService, KeyType } from '@mettle/feature-language';
import { requestSchema, type RequestSchema } from '@mettle/inference';
import { versionsToScore, type VersionToScore } from '@mettle/routing';
import type { ModelPool, PooledModel } from './modelPool.ts';

type Keys = Readonly<Record<string, KeyType>>;

/** A version of the table; one that could not be loaded fails every row. */
export type ServedVersion = VersionToScore & { readonly loaded: PooledModel | null; readonly failure: string | null };

/** Everything that answers requests at one epoch; replaced whole, never changed. */
export interface Serving {
  readonly table: RouteTable;
  /** Champion first. */
  readonly versions: readonly ServedVersion[];
  readonly byKey: ReadonlyMap<string, ServedVersion>;
  /** null: the table has no champion. */
  readonly champion: ServedVersion | null;
  /** Services of the versions, each once, the champion's first. */
  readonly services: readonly CompiledService[];
  /**
   * What a request looks like; null: the table has no champion.
   * @param keys entity keys of every registered service: they are logged when they are sent
   */
  schema(keys: Keys): RequestSchema | null;
  /** A request works with it until `release`; after the last, models that no other table needs are freed. */
  retain(): void;
  release(): void;
}

export interface LoadOptions {
  readonly pool: ModelPool;
  /** Serve even when a version other than the champion cannot be loaded. */
  readonly tolerant: boolean;
  readonly onError: (error: unknown) => void;
}

/**
 * Loads and warms up what a table names, held once for the caller.
 * @throws MettleError what loading a model throws: always for the champion, for others unless `tolerant`
 */
export async function loadServing(table: RouteTable, { pool, tolerant, onError }: LoadOptions): Promise<Serving> {
  const versions: ServedVersion[] = [];
  const releaseAll = (): void => {
    for (const { loaded } of versions) loaded?.release();
  };
  try {
    for (const version of versionsToScore(table)) {
      const files = table.files[version.key];
      try {
        if (files === undefined) throw new Error(`the route names no files for ${version.key}`);
        versions.push({ ...version, loaded: await pool.acquire(version.key, files), failure: null });
      } catch (error) {
        if (!tolerant || version.role === 'champion') throw error;
        onError(error);
        versions.push({ ...version, loaded: null, failure: 'MODEL_UNAVAILABLE: the version could not be loaded' });
      }
    }
  } catch (error) {
    releaseAll();
    throw error;
  }
  const services = [...new Map(versions.flatMap(({ loaded }) => (loaded === null ? [] : [[loaded.service.hash, loaded.service] as const]))).values()];
  const champion = versions.find(({ role }) => role === 'champion') ?? null;
  const [first, ...others] = services;
  const sticky: Keys = Object.fromEntries(table.stickyKeys.filter((name) => !first?.request.some((column) => column.name === name)).map((name) => [name, 'string']));
  let holders = 1;
  let known: { keys: Keys; schema: RequestSchema } | null = null;
  return {
    table,
    versions,
    byKey: new Map(versions.map((version) => [versionKey(version.version), version])),
    champion,
    services,
    schema(keys) {
      if (champion === null || first === undefined) return null;
      if (known?.keys !== keys) known = { keys, schema: requestSchema(first, table.clock, others, { ...sticky, ...keys }) };
      return known.schema;
    },
    retain: () => void (holders += 1),
    release() {
      holders -= 1;
      if (holders === 0) releaseAll();
    },
  };
}
