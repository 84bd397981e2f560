/** A SQL string literal. For what cannot be bound: file paths of our own in `read_parquet` and `COPY`. */
export const sqlString = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A quoted SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `['/a.parquet', '/b.parquet']`: the argument of `read_parquet`. Paths are ours, derived from hashes, never a client's. */
export const fileList = (paths: readonly string[]): string => `[${paths.map(sqlString).join(', ')}]`;

/**
 * A DOUBLE literal with all its bits. A bare `0.45592826611052484` is a DECIMAL to the engine and loses the last bit on
 * its way to DOUBLE in about 5 % of numbers; text does not.
 */
export const sqlDouble = (value: number): string => `'${Object.is(value, -0) ? '-0' : value}'::DOUBLE`;
