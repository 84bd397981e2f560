import { PGlite } from '@electric-sql/pglite';
import { MettleError } from '@mettle/contracts';
import type { ExtractTablesWithRelations } from 'drizzle-orm';
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import pg from 'pg';
import { holdLock, type Hold } from './hold.ts';
import { migratePglite, migratePostgres } from './migrate.ts';
import * as schema from './schema/index.ts';

/** For a first connection, ms. */
const CONNECT_MS = 10_000;

/** The typed query builder, the same over both engines; also what a transaction gets. */
export type Orm = PgDatabase<PgQueryResultHKT, typeof schema, ExtractTablesWithRelations<typeof schema>>;

export interface MetadataDb {
  readonly kind: 'pglite' | 'postgres';
  readonly orm: Orm;
  /** Runs `work` in one transaction; an error rolls all of it back. PGlite runs one at a time. */
  transaction<T>(work: (tx: Orm) => Promise<T>): Promise<T>;
  /** Takes a lock that one process at a time may hold; see {@link Hold}. @throws MettleError ALREADY_RUNNING */
  hold(lock: number): Promise<Hold>;
  close(): Promise<void>;
}

export interface MetadataDbOptions {
  /** Connections of a PostgreSQL pool. */
  readonly connections?: number;
}

/**
 * Opens the database of facts and brings its schema up to date.
 * @param where a directory (PGlite, this process only), `memory://` (PGlite, for tests) or a `postgres://` URL
 * @throws MettleError UNAVAILABLE when a server cannot be reached; INVALID_INPUT for no address, or one that a server refuses
 */
export async function openMetadataDb(where: string, options: MetadataDbOptions = {}): Promise<MetadataDb> {
  if (/^postgres(ql)?:\/\//.test(where)) return openPostgres(where, options.connections ?? 8);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(where) && !where.startsWith('memory://')) throw badAddress();
  return openPglite(where);
}

/** The address is not repeated: it may hold a password. */
const badAddress = (): MettleError => new MettleError('INVALID_INPUT', 'METTLE_DATABASE_URL is no address of a database: postgres://user:password@host:port/database, or a directory', { setting: 'METTLE_DATABASE_URL' });

async function openPglite(where: string): Promise<MetadataDb> {
  const client = await PGlite.create(where);
  const orm = drizzlePglite(client, { schema });
  try {
    await migratePglite(orm);
  } catch (error) {
    await client.close();
    throw error;
  }
  // Only this process can open it.
  const hold = (): Promise<Hold> => Promise.resolve({ lost: new Promise<never>(() => undefined), release: () => Promise.resolve() });
  return database('pglite', orm as unknown as Orm, hold, () => client.close());
}

/** A user's own schema comes first by default: that of the migrations' table, for a user who is called as it is. */
const ownSchema = async (client: pg.ClientBase): Promise<void> => void (await client.query('set search_path to public'));

async function openPostgres(url: string, connections: number): Promise<MetadataDb> {
  if (!URL.canParse(url)) throw badAddress();
  const pool = new pg.Pool({ connectionString: url, max: connections, connectionTimeoutMillis: CONNECT_MS, onConnect: ownSchema });
  // An idle connection that the server ends is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    await migratePostgres(pool);
  } catch (error) {
    await pool.end();
    throw refused(error, placeOf(url));
  }
  return database('postgres', drizzlePg(pool, { schema }) as unknown as Orm, (lock) => holdLock(url, lock), () => pool.end());
}

function database(kind: MetadataDb['kind'], orm: Orm, hold: MetadataDb['hold'], end: () => Promise<void>): MetadataDb {
  let closing: Promise<void> | null = null;
  return {
    kind,
    orm,
    hold,
    transaction: (work) => orm.transaction((tx) => work(tx as unknown as Orm)),
    close: () => (closing ??= end()),
  };
}

/** Invalid authorisation, invalid catalogue name (no such database), insufficient privilege. */
const REFUSALS = /^(28...|3D000|42501)$/;
/** The server is starting, ending or full: it will answer. */
const PASSING = /^(57P0[123]|53300)$/;

/** Why a PostgreSQL is not open. A SQLSTATE says that a server answered. */
function refused(error: unknown, database: string): unknown {
  const state = sqlState(error);
  const reason = innermost(error);
  const data = { setting: 'METTLE_DATABASE_URL', database, reason };
  if (state === null || PASSING.test(state)) return new MettleError('UNAVAILABLE', `PostgreSQL at ${database} (METTLE_DATABASE_URL) does not answer: ${reason}`, data, { cause: error });
  return REFUSALS.test(state) ? new MettleError('INVALID_INPUT', `PostgreSQL at ${database} refuses METTLE_DATABASE_URL: ${reason}`, data, { cause: error }) : error;
}

function innermost(error: unknown): string {
  for (let at = error; ; at = at.cause) {
    // Of several addresses that were tried, each has an error.
    const { errors } = at as { errors?: readonly unknown[] };
    if (errors?.[0] !== undefined) return innermost(errors[0]);
    if (!(at instanceof Error)) return String(at);
    if (!(at.cause instanceof Error)) return at.message;
  }
}

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
