export { openDuckDB, type Chunk, type Db, type DbOptions, type Param, type ReadOptions } from './db.ts';
export type { BigInts } from './plain.ts';
export type { Column, ColumnType } from './column.ts';
export { fileList, sqlDouble, sqlName, sqlString } from './sql.ts';
export { tableOf } from './files.ts';
export { appendTable, copyToParquet, writeParquet, type ParquetOptions, type TableData } from './parquet.ts';
