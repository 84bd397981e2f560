import type { Db } from '@mettle/duckdb';

/** DuckDB for the few questions that the gateway asks of sealed data by itself. */
export interface Engine {
  open(): Promise<Db>;
  close(): Promise<void>;
}

/** Native and large: opened by the first question, and kept to one thread. */
export function createEngine(tempDirectory: string): Engine {
  let db: Promise<Db> | undefined;
  return {
    open: () => (db ??= import('@mettle/duckdb').then(({ openDuckDB }) => openDuckDB({ memoryLimit: '512MB', threads: 1, tempDirectory }))),
    async close() {
      if (db !== undefined) await (await db).close();
    },
  };
}
