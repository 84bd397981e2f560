import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { freePort, startPostgres, type TestPostgres } from '@mettle/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMetadataDb, sqlState, type MetadataDb } from './metadata-db.ts';
import { MIGRATIONS_FOLDER } from './migrate.ts';
import { eq, sql } from './operators.ts';
import * as schema from './schema/index.ts';

const mark = { endpoint: 'late', watermark: 1_800_000_000_000_000 };
const columnsOf = async (db: MetadataDb): Promise<string[]> => {
  const { rows } = (await db.orm.execute(
    sql`select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as c from information_schema.columns where table_schema = 'public'`,
  )) as unknown as { rows: { c: string }[] };
  return rows.map((row) => row.c).sort();
};

describe('the migrations', () => {
  it('make what the schema says: run `drizzle-kit generate` after a change of the schema', async () => {
    const journal = JSON.parse(await readFile(join(MIGRATIONS_FOLDER, 'meta/_journal.json'), 'utf8')) as { entries: { idx: number }[] };
    const last = String(journal.entries.at(-1)!.idx).padStart(4, '0');
    const committed = JSON.parse(await readFile(join(MIGRATIONS_FOLDER, `meta/${last}_snapshot.json`), 'utf8')) as Parameters<typeof generateMigration>[0];
    expect(await generateMigration(committed, generateDrizzleJson(schema))).toEqual([]);
  });
});

describe('on PGlite', () => {
  it('keeps its rows in the directory', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'mettle-db-'));
    const first = await openMetadataDb(directory);
    await first.orm.insert(schema.watermarks).values(mark);
    await first.close();
    const again = await openMetadataDb(directory);
    expect(await again.orm.select().from(schema.watermarks)).toEqual([mark]);
    await again.close();
    await again.close();
    await rm(directory, { recursive: true });
  });
});

describe.each(['pglite', 'postgres'] as const)('a database on %s', (kind) => {
  let server: TestPostgres | null = null;
  let url = 'memory://';
  let db: MetadataDb;
  beforeAll(async () => {
    server = kind === 'postgres' ? await startPostgres() : null;
    if (server) url = await server.createDatabase('mettle');
    db = await openMetadataDb(url);
  });
  afterAll(async () => {
    await db.close();
    await server?.stop();
  });

  it('gives integers back as numbers and records as they were written', async () => {
    const result = { text: 'nul \u0000, lone \ud800, ünï', small: 5e-324, big: 2 ** 53 - 1, zero: -0, none: null, list: [[], {}] };
    await db.orm.insert(schema.idempotency).values({ key: 'record', result, at: mark.watermark });
    const [row] = await db.orm.select().from(schema.idempotency).where(eq(schema.idempotency.key, 'record'));
    expect(row).toEqual({ key: 'record', result: { ...result, zero: 0 }, at: mark.watermark });
  });

  it('takes back all of a transaction that fails', async () => {
    const failing = db.transaction(async (tx) => {
      await tx.insert(schema.watermarks).values({ endpoint: 'undone', watermark: 1 });
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await db.orm.select().from(schema.watermarks).where(eq(schema.watermarks.endpoint, 'undone'))).toEqual([]);
    expect(await db.transaction((tx) => tx.insert(schema.watermarks).values({ endpoint: 'done', watermark: 1 }).returning())).toHaveLength(1);
  });

  it('says by SQLSTATE why a query failed', async () => {
    const row = { key: 'twice', result: 1, at: 1 };
    await db.orm.insert(schema.idempotency).values(row);
    const error: unknown = await db.orm.insert(schema.idempotency).values(row).then(() => null, (e: unknown) => e);
    expect(sqlState(error)).toBe('23505');
    expect(sqlState(new Error('another'))).toBeNull();
  });
});

describe('a database of an earlier schema', () => {
  it.each(['pglite', 'postgres'])('on %s takes what it registered into batches', async (kind) => {
    const server = kind === 'postgres' ? await startPostgres() : null;
    const directory = await mkdtemp(join(tmpdir(), 'mettle-db-'));
    const where = server === null ? directory : await server.createDatabase('old');
    const first = await openMetadataDb(where);
    const piece = (endpoint: string, hash: string, log: 'events' | 'predictions') => ({ endpoint, hash, log, writer: 'p0', bytes: 1, rows: 2, sequenceFrom: 3, sequenceTo: 4, watermark: 5 });
    await first.orm.insert(schema.raws).values([piece('a', 'x', 'events'), piece('b', 'x', 'events'), piece('a', 'y', 'predictions')]);
    for (const later of ['batches', 'lost_logs', 'log_homes']) await first.orm.execute(sql.raw(`drop table ${later}`));
    await first.orm.execute(sql`delete from mettle.migrations where id > 1`);
    await first.close();
    const again = await openMetadataDb(where);
    expect(await again.orm.select().from(schema.batches)).toEqual([{ hash: 'x', batch: 'x', log: 'events', writer: 'p0', bytes: 1, rows: 2, sequenceFrom: 3, sequenceTo: 4, registered: true }]);
    await again.close();
    await server?.stop();
    await rm(directory, { recursive: true });
  });
});

describe('several processes on one PostgreSQL', () => {
  it('may migrate at once, to the schema that PGlite has', async () => {
    const server = await startPostgres();
    const url = await server.createDatabase('crowded');
    const opened = await Promise.all(Array.from({ length: 4 }, () => openMetadataDb(url, { connections: 2 })));
    const embedded = await openMetadataDb('memory://');
    const columns = await columnsOf(opened[3]!);
    expect(columns).toContain('decisions.record text NO');
    expect(columns).toEqual(await columnsOf(embedded));
    for (const each of [...opened, embedded]) await each.close();
    await server.stop();
  });
});

describe('a lock on a PostgreSQL', () => {
  const LOCK = 77;
  let server: TestPostgres;
  let [mine, rivals]: MetadataDb[] = [];
  const endSessions = (): Promise<unknown> => rivals!.orm.execute(sql`select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.objid = ${LOCK}`);
  const holders = async (): Promise<number> => ((await rivals!.orm.execute(sql`select 1 from pg_locks where locktype = 'advisory' and objid = ${LOCK} and granted`)) as unknown as { rows: unknown[] }).rows.length;
  beforeAll(async () => {
    server = await startPostgres();
    const url = await server.createDatabase('locked');
    [mine, rivals] = [await openMetadataDb(url), await openMetadataDb(url)];
  });
  afterAll(async () => {
    await mine?.close();
    await rivals?.close();
    await server?.stop();
  });

  it('is held by one at a time', async () => {
    const hold = await mine!.hold(LOCK);
    await expect(rivals!.hold(LOCK)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await hold.release();
    await (await rivals!.hold(LOCK)).release();
  });
  it('is taken again when its session has ended, unless a rival was quicker', async () => {
    const hold = await mine!.hold(LOCK);
    await endSessions();
    while ((await holders()) === 0) await delay(20);
    await expect(rivals!.hold(LOCK)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await endSessions();
    // Another session waits in line: it gets the lock before the first holder asks again, or takes it when that one is ended once more.
    const rival = rivals!.transaction(async (tx) => {
      for (let taken = false; !taken; ) {
        ({ taken } = ((await tx.execute(sql`select pg_try_advisory_xact_lock(${LOCK}) as taken`)) as unknown as { rows: { taken: boolean }[] }).rows[0]!);
        if (!taken) await endSessions();
      }
      await expect(hold.lost).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    });
    await rival;
    await hold.release();
  });
});

describe('a user who is called like the schema of the migrations', () => {
  it('gets the same tables as any other: a schema of their own does not come first', async () => {
    const server = await startPostgres();
    const db = await openMetadataDb(await server.createDatabase('mettle', { name: 'mettle', password: 'letters and digits' }));
    expect(await columnsOf(db)).toContain('decisions.record text NO');
    await db.orm.insert(schema.watermarks).values(mark);
    await db.close();
    await server.stop();
  });
});

describe('a server that is not there', () => {
  it('is UNAVAILABLE, without the password', async () => {
    const port = await freePort();
    const error: unknown = await openMetadataDb(`postgres://mettle:secret@127.0.0.1:${port}/mettle`).then(() => null, (e: unknown) => e);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', data: { database: `127.0.0.1:${port}/mettle` } });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});
