/** The column types that Mettle's Parquet tables use. Times are BIGINT µs; there is no DATE or TIMESTAMP on purpose. */
export type ColumnType = 'BIGINT' | 'INTEGER' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR';

export type Column = { readonly name: string; readonly type: ColumnType };
