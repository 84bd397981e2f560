import { checkAlpha, checkFinite } from '../checks.ts';
import type { IntervalResult, Method } from '../method.ts';
import { interval, noInterval } from '../method.ts';
import { centred, isConstant } from '../sorted.ts';
import { tQuantile } from '../student-t.ts';

export const STUDENT: Method = { name: 'student-t', kind: 'interval', direction: 'both', needs: 'values', citation: 'Student (1908); Welch (1947) for two samples' };

/** Interval of a mean of independent values. A constant sample has no variance and so no interval. */
export function tInterval(values: ArrayLike<number>, alpha: number): IntervalResult {
  checkAlpha(alpha);
  checkFinite(values);
  const n = values.length;
  if (n < 2) return noInterval(n === 0 ? 'EMPTY_SAMPLE' : 'TOO_FEW_VALUES');
  if (isConstant(values)) return noInterval('NO_VARIANCE');
  const { mean, squares } = centred(values);
  const half = -tQuantile(alpha / 2, n - 1) * Math.sqrt(squares / (n - 1) / n);
  return interval(mean, mean - half, mean + half);
}

/** Interval of mean(x) - mean(y), unequal variances (Welch). */
export function welchInterval(x: ArrayLike<number>, y: ArrayLike<number>, alpha: number): IntervalResult {
  checkAlpha(alpha);
  checkFinite(x, 'x');
  checkFinite(y, 'y');
  if (x.length < 2 || y.length < 2) return noInterval(x.length === 0 || y.length === 0 ? 'EMPTY_SAMPLE' : 'TOO_FEW_VALUES');
  if (isConstant(x) && isConstant(y)) return noInterval('NO_VARIANCE');
  const a = centred(x);
  const b = centred(y);
  const va = a.squares / (x.length - 1) / x.length;
  const vb = b.squares / (y.length - 1) / y.length;
  const dof = (va + vb) ** 2 / (va ** 2 / (x.length - 1) + vb ** 2 / (y.length - 1));
  const half = -tQuantile(alpha / 2, dof) * Math.sqrt(va + vb);
  return interval(a.mean - b.mean, a.mean - b.mean - half, a.mean - b.mean + half);
}
