import { DuckDBDecimalValue, DuckDBListValue, DuckDBStructValue, DuckDBTypeId, type DuckDBDataChunk, type DuckDBValue } from '@duckdb/node-api';
import { MettleError } from '@mettle/contracts';

/** What becomes of a BIGINT beyond 2^53: an error, or its decimal digits as a string (the form of `Value`). */
export type BigInts = 'throw' | 'string';

const LIMIT = BigInt(Number.MAX_SAFE_INTEGER);

function fromBigInt(value: bigint, bigInts: BigInts): number | string {
  if (value <= LIMIT && value >= -LIMIT) return Number(value);
  if (bigInts === 'string') return value.toString();
  throw new MettleError('OUT_OF_RANGE', `the integer ${value} of a query does not fit a number: cast it to VARCHAR`, { value: value.toString() });
}

/** A DuckDB value as a plain one: numbers, strings, booleans, null, arrays and objects. */
export function plain(value: DuckDBValue, bigInts: BigInts): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return fromBigInt(value, bigInts);
  if (value instanceof DuckDBListValue) return value.items.map((item) => plain(item, bigInts));
  if (value instanceof DuckDBStructValue) return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, plain(item, bigInts)]));
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  throw new MettleError('INTERNAL', 'a query returned a type without a plain form: cast it to BIGINT, DOUBLE, BOOLEAN or VARCHAR', { type: value.constructor.name });
}

/** One column of a chunk as an array of plain values. */
export function plainColumn(chunk: DuckDBDataChunk, index: number, bigInts: BigInts): unknown[] {
  const vector = chunk.getColumnVector(index);
  const length = vector.itemCount;
  const out = new Array<unknown>(length);
  const type = vector.type.typeId;
  if (type === DuckDBTypeId.BIGINT) {
    for (let i = 0; i < length; i += 1) {
      const value = vector.getItem(i) as bigint | null;
      out[i] = value === null ? null : fromBigInt(value, bigInts);
    }
  } else if (type === DuckDBTypeId.DOUBLE || type === DuckDBTypeId.VARCHAR || type === DuckDBTypeId.INTEGER || type === DuckDBTypeId.BOOLEAN) {
    for (let i = 0; i < length; i += 1) out[i] = vector.getItem(i);
  } else {
    for (let i = 0; i < length; i += 1) out[i] = plain(vector.getItem(i), bigInts);
  }
  return out;
}
