import { MettleError } from '@mettle/contracts';
import type { Value } from '@mettle/contracts';
import type { ColumnIR, KeyType } from '../definition/scalar.ts';
import type { SourceIR } from '../definition/source-ir.ts';
import { checkValue } from '../reduction/quantise.ts';

const own = (record: Readonly<Record<string, unknown>>, name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined);

/** Longest text of a key; it is part of every stored key. */
const MAX_KEY = 256;

function checkKey(name: string, type: KeyType, value: unknown): void {
  if (value === undefined || value === null) throw new MettleError('UNKNOWN_ENTITY', `key ${name} is missing`, { key: name });
  checkValue(`key ${name}`, { type }, value);
  if (typeof value === 'string' && value.length > MAX_KEY) throw new MettleError('OUT_OF_RANGE', `key ${name} is longer than ${MAX_KEY}`, { key: name });
}

/**
 * Checks a prediction's keys and request: every key and column is there, of its type. More may be there.
 * @throws MettleError UNKNOWN_ENTITY | TYPE_MISMATCH | NOT_A_NUMBER | OUT_OF_RANGE
 */
export function checkRow(
  keys: readonly { name: string; type: KeyType }[],
  columns: readonly ({ name: string } & ColumnIR)[],
  row: { keys: Readonly<Record<string, unknown>>; request: Readonly<Record<string, unknown>> },
): void {
  for (const { name, type } of keys) checkKey(name, type, own(row.keys, name));
  for (const column of columns) checkValue(column.name, column, own(row.request, column.name));
}

/**
 * Checks what a client pushes against its source: every key, every column (null where missing), nothing else.
 * @throws MettleError UNKNOWN_ENTITY | UNKNOWN_COLUMN | TYPE_MISMATCH | NOT_A_NUMBER | OUT_OF_RANGE
 */
export function checkEvent(source: Pick<SourceIR, 'name' | 'keys' | 'columns'>, input: { keys: Readonly<Record<string, unknown>>; values: Readonly<Record<string, Value>> }): void {
  for (const [name, type] of Object.entries(source.keys)) checkKey(name, type, own(input.keys, name));
  for (const [name, column] of Object.entries(source.columns)) checkValue(name, column, own(input.values, name));
  for (const name of [...Object.keys(input.keys), ...Object.keys(input.values)]) {
    if (!Object.hasOwn(source.keys, name) && !Object.hasOwn(source.columns, name)) {
      throw new MettleError('UNKNOWN_COLUMN', `source ${source.name} declares no ${name}`, { source: source.name, column: name });
    }
  }
}
