import { hash, randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import type { BlobStore } from '@mettle/blob-store';
import { MettleError, isMettleError, type Spine, type SpineManifest, type Value } from '@mettle/contracts';
import { appendTable, copyToParquet, sqlName, sqlString, type Chunk, type Column, type Db } from '@mettle/duckdb';
import { compileService, type CompiledService, type ServiceDefinition } from '@mettle/feature-language';
import { flatJson } from '../compact/flat-json.ts';
import { spineColumns, type SpineColumn } from './spine-columns.ts';

/** Rows of one spine: what a worker scores in minutes. */
const MAX_SPINE_ROWS = 2_000_000;

const COLUMNS: readonly Column[] = [
  { name: 'prediction_id', type: 'VARCHAR' }, { name: 'request_id', type: 'VARCHAR' }, { name: 'row', type: 'INTEGER' }, { name: 'at', type: 'BIGINT' }, { name: 'keys', type: 'VARCHAR' }, { name: 'request', type: 'VARCHAR' },
];

const REQUEST_ID = /^[\x20-\x7e]{1,256}$/;
const PREDICTION_ID = /^[0-9a-f]{64}$/;

export interface ImportSpineInput {
  readonly db: Db;
  readonly blobs: BlobStore;
  /** Parquet: `at` (BIGINT µs, or a timestamp in UTC), a column per entity key and per request column, optionally `prediction_id` or `id`. */
  readonly bytes: Uint8Array;
  readonly definition: ServiceDefinition;
  readonly endpoint: string;
}

/**
 * Takes in moments to score. Every row passes the check of an online request. A row without an id of the client's is
 * named by the file's bytes and its place, so the same file names the same predictions; `id` is a request id.
 * @throws MettleError INVALID_INPUT when it is no Parquet, has no row, or an `at` or id is missing or there twice; TOO_LARGE;
 * UNKNOWN_COLUMN | UNKNOWN_ENTITY | TYPE_MISMATCH | NOT_A_NUMBER | OUT_OF_RANGE as online. All name the column. Nothing is left behind
 */
export async function importSpine(input: ImportSpineInput): Promise<Spine> {
  const { db, blobs, bytes, endpoint } = input;
  const service = compileService(input.definition);
  const [draft, spine] = [blobs.temporary(), blobs.temporary()];
  const name = sqlName(`spine_${randomUUID()}`);
  try {
    await writeFile(draft, bytes);
    const table = `read_parquet(${sqlString(draft)})`;
    const found = await readable(() => db.all<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${table}`));
    const { at, id, columns } = spineColumns(service, found);
    const [count] = await readable(() => db.all<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`));
    const rows = count?.rows ?? 0;
    if (rows === 0) throw new MettleError('INVALID_INPUT', 'the spine has no rows', {});
    if (rows > MAX_SPINE_ROWS) throw new MettleError('TOO_LARGE', `a spine has at most ${MAX_SPINE_ROWS} rows`, { rows, limit: MAX_SPINE_ROWS });

    const chunks = db.stream(`SELECT ${at}, ${id === null ? 'NULL::VARCHAR' : sqlName(id)}${columns.map((column) => `, ${column.sql}`).join('')} FROM ${table}`, [], { bigInts: 'string' });
    const checked = rowReader(service, columns, { endpoint, id, file: hash('sha256', bytes) });
    await db.run(`CREATE TABLE ${name} (${COLUMNS.map((column) => `${sqlName(column.name)} ${column.type}`).join(', ')})`);
    await readable(() => db.session(async (connection) => {
      const appender = await connection.createAppender(name.slice(1, -1));
      try {
        for await (const chunk of chunks) appendTable(appender, { columns: COLUMNS, rows: checked(chunk) });
      } finally {
        appender.closeSync();
      }
    }));
    const [extent] = await db.all<{ first: number; last: number; ids: number }>(`SELECT min("at") AS first, max("at") AS last, count(DISTINCT prediction_id) AS ids FROM ${name}`);
    if (extent?.ids !== rows) throw new MettleError('INVALID_INPUT', 'two rows have one id', { column: id ?? 'id', rows, ids: extent?.ids ?? 0 });
    await copyToParquet(db, `SELECT * FROM ${name} ORDER BY "at", prediction_id`, spine);
    const manifest: SpineManifest = { v: 1, endpoint, service: service.hash, file: (await blobs.putFile(spine)).hash, rows, range: { from: extent.first, to: extent.last + 1 } };
    return { ...manifest, spine: await blobs.putJson(manifest) };
  } finally {
    await db.run(`DROP TABLE IF EXISTS ${name}`);
    await Promise.all([draft, spine].map((path) => rm(path, { force: true })));
  }
}

/** What the engine cannot read is no Parquet file, or a broken one. */
async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (isMettleError(cause)) throw cause;
    throw new MettleError('INVALID_INPUT', 'the bytes cannot be read as a Parquet file', {}, { cause });
  }
}

/** Turns chunks of (at, id, columns...) into rows of {@link COLUMNS}, each checked; `file` names rows without an id. */
function rowReader(service: CompiledService, columns: readonly SpineColumn[], { endpoint, id, file }: { endpoint: string; id: 'prediction_id' | 'id' | null; file: string }): (chunk: Chunk) => unknown[][] {
  let next = 0;
  return ({ columns: [times = [], ids = [], ...values], rows: count }) => Array.from({ length: count }, (_, i) => {
    const row = next;
    next += 1;
    const keys: Record<string, string | number> = {};
    const request: Record<string, Value> = {};
    for (const [c, column] of columns.entries()) {
      const value = values[c]?.[i] as Value;
      if (column.key) keys[column.name] = value as string | number;
      if (column.request) request[column.name] = value;
    }
    checkRow(service, keys, request, row);
    const at = times[i];
    if (at === null) throw new MettleError('INVALID_INPUT', `row ${row}: at is missing`, { column: 'at', row });
    if (typeof at !== 'number') throw new MettleError('OUT_OF_RANGE', `row ${row}: at is integer µs within 2^53`, { column: 'at', row });
    return [...named(ids[i] as string | null, row), at, flatJson(keys), flatJson(request)];
  });

  /** prediction_id, request_id, row. */
  function named(given: string | null, row: number): [string, string | null, number] {
    if (id === null) return [predictionId(`spine/${file}`, row), `spine/${file}`, row];
    if (given === null || !(id === 'id' ? REQUEST_ID : PREDICTION_ID).test(given)) {
      throw new MettleError('INVALID_INPUT', `row ${row}: ${id} is ${id === 'id' ? 'up to 256 printable ASCII characters' : '64 lower-case hex digits'}`, { column: id, row });
    }
    return id === 'id' ? [predictionId(given, 0), given, 0] : [given, null, 0];
  }

  /** `predictionIdOf` of contracts by Node's own SHA-256: the JSON text is canonical because both names are printable ASCII. */
  function predictionId(requestId: string, row: number): string {
    return hash('sha256', JSON.stringify([endpoint, requestId, row]));
  }
}

function checkRow(service: CompiledService, keys: Readonly<Record<string, string | number>>, request: Readonly<Record<string, Value>>, row: number): void {
  try {
    service.checkRequest(keys, request);
  } catch (error) {
    if (!isMettleError(error)) throw error;
    const name = error.data['key'] ?? error.data['column'];
    throw new MettleError(error.code, `row ${row}: ${error.message}`, { ...error.data, column: typeof name === 'string' ? name.replace(/^key /, '') : null, row });
  }
}
