import { MettleError } from '@mettle/contracts';

/** @throws MettleError INVALID_INPUT unless both are equally long lists of non-negative integers (or real weights) */
export function checkCounts(reference: readonly number[], current: readonly number[]): void {
  if (reference.length !== current.length) throw new MettleError('INVALID_INPUT', 'reference and current have different bins', { reference: reference.length, current: current.length });
  for (const counts of [reference, current])
    for (const count of counts) if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) throw new MettleError('INVALID_INPUT', 'a count is a finite number from 0 on', { count: String(count) });
}

/** @throws MettleError INVALID_INPUT unless 0 < alpha < 1 */
export function checkAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new MettleError('INVALID_INPUT', 'alpha lies strictly between 0 and 1', { alpha: String(alpha) });
}

/** @throws MettleError INVALID_INPUT for NaN and infinities: what to do with them is the caller's choice, made before. */
export function checkFinite(values: ArrayLike<number>, name = 'values'): void {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    if (value - value !== 0) throw new MettleError('INVALID_INPUT', `${name} holds a value that is not finite`, { at, value: String(value) });
  }
}

/** @throws MettleError INVALID_INPUT unless `value` is a whole number of at least `least` */
export function checkWhole(value: number, name: string, least = 0): void {
  if (!(Number.isSafeInteger(value) && value >= least)) throw new MettleError('INVALID_INPUT', `${name} is a whole number from ${least} on`, { [name]: String(value) });
}

/** @throws MettleError INVALID_INPUT unless low <= value <= high (so NaN is refused) */
export function checkRange(value: number, name: string, low: number, high: number): void {
  if (!(value >= low && value <= high)) throw new MettleError('INVALID_INPUT', `${name} lies in [${low}, ${high}]`, { [name]: String(value) });
}

/** @throws MettleError INVALID_INPUT unless value > 0 and finite */
export function checkPositive(value: number, name: string): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new MettleError('INVALID_INPUT', `${name} is a finite number above 0`, { [name]: String(value) });
}

/** @throws MettleError INVALID_INPUT unless the lists are equally long */
export function checkPaired(a: ArrayLike<unknown>, b: ArrayLike<unknown>, names: string): void {
  if (a.length !== b.length) throw new MettleError('INVALID_INPUT', `${names} are equally long`, { first: a.length, second: b.length });
}

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
