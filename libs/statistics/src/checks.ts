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

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
