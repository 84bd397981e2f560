import { PGlite } from '@electric-sql/pglite';
import { MettleError } from '@mettle/contracts';
import type { ExtractTablesWithRelations } from 'drizzle-orm';
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import pg from 'pg';
import { migratePglite, migratePostgres } from './migrate.ts';
import * as schema from './schema/index.ts';

/** The typed query builder, the same over both engines; also what a transaction gets. */
export type Orm = PgDatabase<PgQueryResultHKT, typeof schema, ExtractTablesWithRelations<typeof schema>>;

export interface MetadataDb {
  readonly kind: 'pglite' | 'postgres';
  readonly orm: Orm;
  /** Runs `work` in one transaction; an error rolls all of it back. PGlite runs one at a time. */
  transaction<T>(work: (tx: Orm) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface MetadataDbOptions {
  /** Connections of a PostgreSQL pool. */
  readonly connections?: number;
}

/**
 * Opens the database of facts and brings its schema up to date.
 * @param where a directory (PGlite, this process only), `memory://` (PGlite, for tests) or a `postgres://` URL
 * @throws MettleError UNAVAILABLE when a server cannot be reached
 */
export async function openMetadataDb(where: string, options: MetadataDbOptions = {}): Promise<MetadataDb> {
  return /^postgres(ql)?:\/\//.test(where) ? openPostgres(where, options.connections ?? 8) : openPglite(where);
}

async function openPglite(where: string): Promise<MetadataDb> {
  const client = await PGlite.create(where);
  const orm = drizzlePglite(client, { schema });
  try {
    await migratePglite(orm);
  } catch (error) {
    await client.close();
    throw error;
  }
  return database('pglite', orm as unknown as Orm, () => client.close());
}

async function openPostgres(url: string, connections: number): Promise<MetadataDb> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  // An idle connection that the server ends is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    await migratePostgres(pool);
  } catch (error) {
    await pool.end();
    throw reachable(error) ? error : new MettleError('UNAVAILABLE', 'the metadata database does not answer', { database: placeOf(url) }, { cause: error });
  }
  return database('postgres', drizzlePg(pool, { schema }) as unknown as Orm, () => pool.end());
}

function database(kind: MetadataDb['kind'], orm: Orm, end: () => Promise<void>): MetadataDb {
  let closing: Promise<void> | null = null;
  return {
    kind,
    orm,
    transaction: (work) => orm.transaction((tx) => work(tx as unknown as Orm)),
    close: () => (closing ??= end()),
  };
}

/** A SQLSTATE says that a server answered. */
const reachable = (error: unknown): boolean => sqlState(error) !== null;

/** The address without credentials. */
const placeOf = (url: string): string => {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || '5432'}${pathname}`;
};

/** The SQLSTATE of a failed query (`23505`: a unique key was taken), however drizzle wrapped it; null for other errors. */
export function sqlState(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return null;
}
