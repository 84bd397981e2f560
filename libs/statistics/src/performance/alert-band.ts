import { checkFinite, checkPositive } from '../checks.ts';
import { centred } from '../sorted.ts';

/** Mean ± `deviations` population standard deviations of the values of reference chunks, cut to [0, 1]: NannyML's limits (3). null for no values. */
export function alertBand(values: ArrayLike<number>, deviations = 3): { lower: number; upper: number } | null {
  checkFinite(values);
  checkPositive(deviations, 'deviations');
  if (values.length === 0) return null;
  const { mean, squares } = centred(values);
  const half = deviations * Math.sqrt(squares / values.length);
  return { lower: Math.max(0, mean - half), upper: Math.min(1, mean + half) };
}
