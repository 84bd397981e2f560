import { mkdir } from 'node:fs/promises';
import { BIGINT, BOOLEAN, DOUBLE, DuckDBInstance, SQLNULL, VARCHAR, type DuckDBConnection, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { plainColumn, type BigInts } from './plain.ts';

/** Bound by position: an integral number binds as BIGINT, any other number as DOUBLE. */
export type Param = number | bigint | string | boolean | null;

/** Up to 2,048 rows, column by column. */
export type Chunk = { readonly names: readonly string[]; readonly columns: readonly (readonly unknown[])[]; readonly rows: number };

export type ReadOptions = { readonly bigInts?: BigInts };

export type Db = {
  /** A connection of the caller's own, for functions and temporary tables; the caller closes it. */
  connect(): Promise<DuckDBConnection>;
  /** Runs `work` on a pooled connection that nobody else uses meanwhile. */
  session<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  run(sql: string, params?: readonly Param[]): Promise<void>;
  /** All rows as objects. @throws MettleError OUT_OF_RANGE for an integer beyond 2^53 unless `bigInts` is 'string' */
  all<T = Record<string, unknown>>(sql: string, params?: readonly Param[], options?: ReadOptions): Promise<T[]>;
  /** Columnar chunks as DuckDB makes them; the whole result is never held. */
  stream(sql: string, params?: readonly Param[], options?: ReadOptions): AsyncIterable<Chunk>;
  close(): void;
};

export type DbOptions = {
  /** E.g. '1GB'. Beyond it DuckDB spills into `tempDirectory`. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  readonly tempDirectory: string;
};

/** Types are given, not guessed: the engine would take an integral number for HUGEINT and compare columns in that type. */
function bound(param: Param): [DuckDBValue, DuckDBType] {
  if (param === null) return [null, SQLNULL];
  if (typeof param === 'bigint') return [param, BIGINT];
  if (typeof param === 'boolean') return [param, BOOLEAN];
  if (typeof param === 'string') return [param, VARCHAR];
  return Number.isSafeInteger(param) && !Object.is(param, -0) ? [BigInt(param), BIGINT] : [param, DOUBLE];
}

function bind(params: readonly Param[] | undefined): [DuckDBValue[]?, DuckDBType[]?] {
  if (params === undefined || params.length === 0) return [];
  const pairs = params.map(bound);
  return [pairs.map(([value]) => value), pairs.map(([, type]) => type)];
}

/** Opens the process's one in-memory engine: data lives in Parquet files, not in it. */
export async function openDuckDB({ memoryLimit = '1GB', threads = 2, tempDirectory }: DbOptions): Promise<Db> {
  await mkdir(tempDirectory, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: memoryLimit,
    temp_directory: tempDirectory,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const idle: DuckDBConnection[] = [];
  const setup = await instance.connect();
  await setup.run("SET GLOBAL TimeZone = 'UTC'");
  await setup.run('SET lock_configuration = true');
  idle.push(setup);
  let closed = false;

  const take = async (): Promise<DuckDBConnection> => idle.pop() ?? (await instance.connect());
  const give = (connection: DuckDBConnection): void => {
    if (closed) connection.closeSync();
    else idle.push(connection);
  };
  async function session<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await take();
    try {
      return await work(connection);
    } finally {
      give(connection);
    }
  }

  return {
    connect: () => instance.connect(),
    session,
    run: (sql, params) => session(async (connection) => void (await connection.run(sql, ...bind(params)))),
    all: <T>(sql: string, params?: readonly Param[], { bigInts = 'throw' }: ReadOptions = {}) =>
      session(async (connection) => {
        const result = await connection.run(sql, ...bind(params));
        const names = result.columnNames();
        const rows: T[] = [];
        for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
          const columns = names.map((_, index) => plainColumn(chunk!, index, bigInts));
          for (let row = 0; row < chunk.rowCount; row += 1) {
            const object: Record<string, unknown> = {};
            for (let index = 0; index < names.length; index += 1) object[names[index]!] = columns[index]![row];
            rows.push(object as T);
          }
        }
        return rows;
      }),
    async *stream(sql, params, { bigInts = 'throw' } = {}) {
      const connection = await take();
      let finished = false;
      try {
        const result = await connection.stream(sql, ...bind(params));
        const names = result.columnNames();
        for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
          yield { names, columns: names.map((_, index) => plainColumn(chunk!, index, bigInts)), rows: chunk.rowCount };
        }
        finished = true;
      } finally {
        // A connection with an open stream cannot serve another query: it goes back only when the stream was drained.
        if (finished) give(connection);
        else connection.closeSync();
      }
    },
    close() {
      closed = true;
      for (const connection of idle.splice(0)) connection.closeSync();
      instance.closeSync();
    },
  };
}
