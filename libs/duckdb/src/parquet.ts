import { randomUUID } from 'node:crypto';
import { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR, type DuckDBAppender, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import type { Column, ColumnType } from './column.ts';
import type { Db } from './db.ts';
import { sqlName, sqlString } from './sql.ts';

const TYPES: Record<ColumnType, DuckDBType> = { BIGINT, INTEGER, DOUBLE, BOOLEAN, VARCHAR };
const CHUNK = 2048;

/** Rows as arrays in the order of `columns`, or one array per column. BIGINT takes an integral number or its decimal digits; `undefined` is null. */
export type TableData = { readonly columns: readonly Column[] } & (
  | { readonly rows: readonly (readonly unknown[])[] }
  | { readonly data: readonly (readonly unknown[])[] }
);

export type ParquetOptions = {
  /** An ORDER BY list; by default the rows keep their order. */
  readonly orderBy?: string;
};

const PARQUET = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880';

function toEngine(type: ColumnType, value: unknown): DuckDBValue {
  if (value === null || value === undefined) return null;
  if (type === 'BIGINT') return typeof value === 'bigint' ? value : BigInt(value as number | string);
  return value as DuckDBValue;
}

/** Appends rows in chunks. @throws RangeError when a BIGINT value is not integral */
export function appendTable(appender: DuckDBAppender, table: TableData): number {
  const { columns } = table;
  const total = 'rows' in table ? table.rows.length : (table.data[0]?.length ?? 0);
  const types = columns.map(({ type }) => TYPES[type]);
  for (let from = 0; from < total; from += CHUNK) {
    const size = Math.min(CHUNK, total - from);
    const chunk = DuckDBDataChunk.create(types, size);
    columns.forEach(({ type }, index) => {
      const vector = chunk.getColumnVector(index);
      if ('rows' in table) for (let i = 0; i < size; i += 1) vector.setItem(i, toEngine(type, table.rows[from + i]![index]));
      else for (let i = 0; i < size; i += 1) vector.setItem(i, toEngine(type, table.data[index]![from + i]));
      vector.flush();
    });
    appender.appendDataChunk(chunk);
  }
  appender.flushSync();
  return total;
}

/** Writes one Parquet file (zstd, row groups of 122,880). The same rows give the same bytes, whatever the number of threads. */
export function writeParquet(db: Db, table: TableData, path: string, { orderBy }: ParquetOptions = {}): Promise<{ rows: number }> {
  return db.session(async (connection) => {
    const name = `t_${randomUUID().replaceAll('-', '')}`;
    await connection.run(`CREATE TEMP TABLE ${name} (${table.columns.map((c) => `${sqlName(c.name)} ${c.type}`).join(', ')})`);
    try {
      const appender = await connection.createAppender(name, null, 'temp');
      let rows: number;
      try {
        rows = appendTable(appender, table);
      } finally {
        appender.closeSync();
      }
      await connection.run(`COPY (SELECT * FROM ${name}${orderBy === undefined ? '' : ` ORDER BY ${orderBy}`}) TO ${sqlString(path)} (${PARQUET})`);
      return { rows };
    } finally {
      await connection.run(`DROP TABLE ${name}`);
    }
  });
}

/** Writes the result of a query; the query states its order. */
export async function copyToParquet(db: Db, query: string, path: string): Promise<{ rows: number }> {
  const rows = await db.session(async (connection) => (await connection.run(`COPY (${query}) TO ${sqlString(path)} (${PARQUET})`)).rowsChanged);
  return { rows };
}
