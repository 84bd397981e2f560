import { fileURLToPath } from 'node:url';
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres';
import { migrate as migrateOverPg } from 'drizzle-orm/node-postgres/migrator';
import type { PgliteDatabase } from 'drizzle-orm/pglite';
import { migrate as migrateOverPglite } from 'drizzle-orm/pglite/migrator';
import type pg from 'pg';

/** Committed SQL, beside src and dist alike. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

const config = { migrationsFolder: MIGRATIONS_FOLDER, migrationsSchema: 'mettle', migrationsTable: 'migrations' };

/** Any number: it names our lock among the advisory locks of the database. */
const MIGRATION_LOCK = 6_385_388;

export const migratePglite = (orm: PgliteDatabase<Record<string, unknown>>): Promise<void> => migrateOverPglite(orm, config);

/** Several processes may start at once: an advisory lock lets one of them migrate at a time. */
export async function migratePostgres(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrateOverPg(drizzlePg(client), config);
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    client.release();
  } catch (error) {
    // Ending the connection gives the lock back, whatever state the session is in.
    client.release(true);
    throw error;
  }
}
