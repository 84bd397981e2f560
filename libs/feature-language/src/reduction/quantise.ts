import { MettleError } from '@mettle/contracts';
import type { Value } from '@mettle/contracts';
import type { ColumnIR } from '../definition/scalar.ts';

/** 10^0 .. 10^12, each exact as a double. */
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12] as const;

/** Units per 1 at a scale. */
export const unitsOf = (scale: number): number => POWERS[scale] ?? Number.NaN;

/** Largest magnitude of a quantised value: dividing by the units and quantising again then gives the same integer. */
export const MAX_UNITS = 2 ** 50;

/** A lone surrogate has no UTF-8 form: it would come back from a file as another string. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The integer of 10^-scale nearest to a double's product with 10^scale; halves go away from zero. Never -0.
 * @throws MettleError NOT_A_NUMBER | OUT_OF_RANGE
 */
export function quantise(value: number, scale: number): number {
  if (!Number.isFinite(value)) throw new MettleError('NOT_A_NUMBER', `${value} is not a finite number`, {});
  const units = Math.round(Math.abs(value) * unitsOf(scale));
  if (!(units <= MAX_UNITS)) throw new MettleError('OUT_OF_RANGE', `${value} does not fit scale ${scale}`, { value, scale });
  return units === 0 ? 0 : value < 0 ? -units : units;
}

/** Checks a value against a column; null is always allowed. */
export function checkValue(name: string, column: ColumnIR, value: unknown): asserts value is Value {
  if (value === null) return;
  const expected = column.type === 'string' ? 'string' : column.type === 'bool' ? 'boolean' : 'number';
  if (typeof value !== expected) {
    throw new MettleError('TYPE_MISMATCH', `${name} is a ${column.type}, not ${value === undefined ? 'absent; send null' : typeof value}`, { column: name, type: column.type });
  }
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) throw new MettleError('OUT_OF_RANGE', `${name} is not well-formed Unicode`, { column: name });
    return;
  }
  if (typeof value !== 'number') return;
  if (!Number.isFinite(value)) throw new MettleError('NOT_A_NUMBER', `${name} is ${value}`, { column: name });
  if (column.type !== 'float64' && !Number.isSafeInteger(value)) {
    throw new MettleError(Number.isInteger(value) ? 'OUT_OF_RANGE' : 'TYPE_MISMATCH', `${name} is an integer within 2^53, not ${value}`, { column: name, value });
  }
  if (column.scale !== undefined && !(Math.round(Math.abs(value) * unitsOf(column.scale)) <= MAX_UNITS)) {
    throw new MettleError('OUT_OF_RANGE', `${name} does not fit scale ${column.scale}`, { column: name, value, scale: column.scale });
  }
}

/** A value as reads give it: on its column's grid where that has a scale, without -0. */
export function normalise(column: ColumnIR, value: Value | undefined): Value {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number') return value;
  if (column.scale !== undefined) return quantise(value, column.scale) / unitsOf(column.scale);
  return value === 0 ? 0 : value;
}
