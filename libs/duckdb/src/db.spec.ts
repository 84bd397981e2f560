import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyToParquet, fileList, openDuckDB, sqlDouble, sqlString, tableOf, writeParquet, type Column, type Db } from './index.ts';

let db: Db;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mettle-duckdb-'));
  db = await openDuckDB({ tempDirectory: join(dir, 'tmp'), memoryLimit: '512MB' });
});
afterAll(() => db.close());

describe('openDuckDB', () => {
  it('sets memory, threads, spill directory, UTC, and refuses to fetch extensions or to be reconfigured', async () => {
    const [settings] = await db.all(
      "SELECT current_setting('TimeZone') z, current_setting('threads') t, current_setting('temp_directory') d, current_setting('autoload_known_extensions') l, current_setting('autoinstall_known_extensions') i",
    );
    expect(settings).toEqual({ z: 'UTC', t: 2, d: join(dir, 'tmp'), l: false, i: false });
    await expect(db.run("SET TimeZone = 'America/New_York'")).rejects.toThrow(/locked/);
  });

  it('gives plain rows: BIGINT as number, null as null, lists and structs as arrays and objects', async () => {
    const rows = await db.all("SELECT 7::BIGINT a, NULL::DOUBLE b, 'x' c, true d, [1::BIGINT, 2] e, {'k': 1.5::DOUBLE} f, sum(2::BIGINT) g");
    expect(rows).toEqual([{ a: 7, b: null, c: 'x', d: true, e: [1, 2], f: { k: 1.5 }, g: 2 }]);
  });

  it('refuses an integer beyond 2^53, or gives its digits when asked', async () => {
    await expect(db.all('SELECT 9007199254740993::BIGINT a')).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    expect(await db.all('SELECT 9007199254740993::BIGINT a', [], { bigInts: 'string' })).toEqual([{ a: '9007199254740993' }]);
  });

  it('binds by position: integral numbers as BIGINT, others as DOUBLE, text never as SQL', async () => {
    expect(await db.all('SELECT typeof(?) a, typeof(?) b, ? c, typeof(?) d', [1, 1.5, "'; DROP TABLE x", -0])).toEqual([
      { a: 'BIGINT', b: 'DOUBLE', c: "'; DROP TABLE x", d: 'DOUBLE' },
    ]);
  });

  it('streams chunks, serves other queries meanwhile, and survives a consumer that stops', async () => {
    let rows = 0;
    for await (const chunk of db.stream('SELECT range a FROM range(10000)')) {
      rows += chunk.rows;
      expect(await db.all('SELECT 1::BIGINT a')).toEqual([{ a: 1 }]);
    }
    expect(rows).toBe(10_000);
    for await (const chunk of db.stream('SELECT range a FROM range(100000)')) {
      expect(chunk.names).toEqual(['a']);
      break;
    }
    expect(await db.all('SELECT 2::BIGINT a')).toEqual([{ a: 2 }]);
  });

  it('goes on after a query that fails', async () => {
    await expect(db.all('SELECT nothing')).rejects.toThrow();
    expect(await db.all('SELECT 3::BIGINT a')).toEqual([{ a: 3 }]);
  });
});

describe('writeParquet', () => {
  const columns: Column[] = [
    { name: 'id', type: 'BIGINT' },
    { name: 'n', type: 'INTEGER' },
    { name: 'x', type: 'DOUBLE' },
    { name: 'ok', type: 'BOOLEAN' },
    { name: 'say "hi"', type: 'VARCHAR' },
  ];
  const rows = [
    [1, 2, 0.1, true, 'one'],
    ['9007199254740993', null, null, null, null],
    [-3, -4, -0, false, 'a longer text than twelve bytes, ünïcode'],
  ];

  it('keeps every value, null and order', async () => {
    const path = join(dir, "it's.parquet");
    expect(await writeParquet(db, { columns, rows }, path)).toEqual({ rows: 3 });
    const read = await db.all(`SELECT * FROM read_parquet(${fileList([path])})`, [], { bigInts: 'string' });
    expect(read.map((row) => Object.values(row))).toEqual([[1, 2, 0.1, true, 'one'], ['9007199254740993', null, null, null, null], [-3, -4, -0, false, rows[2]![4]]]);
  });

  it('gives the same bytes for the same rows, by rows or by columns, sorted on request, on one thread or two', async () => {
    const one = await openDuckDB({ tempDirectory: join(dir, 'tmp'), threads: 1 });
    const many = Array.from({ length: 300_000 }, (_, i) => [(i * 7919) % 300_000, i, i / 3, i % 2 === 0, `k${i % 100}`]);
    const [a, b] = [join(dir, 'a.parquet'), join(dir, 'b.parquet')];
    await writeParquet(db, { columns, rows: many }, a, { orderBy: 'id' });
    await writeParquet(one, { columns, data: columns.map((_, index) => many.map((row) => row[index])) }, b, { orderBy: 'id' });
    one.close();
    expect((await readFile(a)).equals(await readFile(b))).toBe(true);
    expect(await db.all(`SELECT min(id) a, max(id) b, count(*) c FROM ${tableOf([a], columns)}`)).toEqual([{ a: 0, b: 299_999, c: 300_000 }]);
  });

  it('refuses a fraction in a BIGINT column and leaves nothing behind', async () => {
    await expect(writeParquet(db, { columns: [{ name: 'a', type: 'BIGINT' }], rows: [[1.5]] }, join(dir, 'c.parquet'))).rejects.toThrow(RangeError);
    expect(await db.all("SELECT count(*) a FROM duckdb_tables()")).toEqual([{ a: 0 }]);
  });

  it('writes the result of a query', async () => {
    const path = join(dir, 'q.parquet');
    expect(await copyToParquet(db, 'SELECT range a FROM range(5) ORDER BY a DESC', path)).toEqual({ rows: 5 });
    expect(await db.all(`SELECT a FROM read_parquet(${sqlString(path)}) LIMIT 1`)).toEqual([{ a: 4 }]);
  });
});

describe('tableOf', () => {
  it('is an empty table of the given columns when there are no files', async () => {
    expect(await db.all(`SELECT count(*) n, max(a) a FROM ${tableOf([], [{ name: 'a', type: 'BIGINT' }])}`)).toEqual([{ n: 0, a: null }]);
  });
});

describe('sqlDouble', () => {
  it('keeps every bit, which a bare literal does not', async () => {
    const numbers = [0.45592826611052484, 0.09503219064194401, -0, 5e-324, 1.7976931348623157e308, 1e21, -1 / 3];
    const [row] = await db.all<{ a: number[] }>(`SELECT [${numbers.map(sqlDouble).join(', ')}] a`);
    numbers.forEach((number, i) => expect(Object.is(row!.a[i], number)).toBe(true));
    const [bare] = await db.all<{ a: number }>('SELECT 0.45592826611052484::DOUBLE a');
    expect(bare!.a).not.toBe(0.45592826611052484);
  });
});
