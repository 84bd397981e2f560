import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { sharesOf } from './shares.ts';

export const HELLINGER: Method = { name: 'hellinger', kind: 'distance', direction: 'larger', needs: 'counts', citation: 'Hellinger (1909): sqrt(1 - Σ sqrt(p q))' };
export const TOTAL_VARIATION: Method = { name: 'total-variation', kind: 'distance', direction: 'larger', needs: 'counts', citation: 'Half the sum of |p - q|' };
export const L_INFINITY: Method = { name: 'l-infinity', kind: 'distance', direction: 'larger', needs: 'counts', citation: 'max |p - q|, TensorFlow Data Validation' };

function over(reference: readonly number[], current: readonly number[], fold: (sum: number, p: number, q: number) => number, end: (sum: number) => number): Measured {
  const shares = sharesOf(reference, current);
  return shares === null ? unmeasured('EMPTY_SAMPLE') : measured(end(shares.p.reduce((sum, p, at) => fold(sum, p, shares.q[at] ?? 0), 0)));
}

/** In [0, 1]; as ½ Σ (√p - √q)², which does not cancel for near samples. */
export const hellinger = (reference: readonly number[], current: readonly number[]): Measured => over(reference, current, (sum, p, q) => sum + (Math.sqrt(p) - Math.sqrt(q)) ** 2, (sum) => Math.min(1, Math.sqrt(sum / 2)));
/** In [0, 1]. */
export const totalVariation = (reference: readonly number[], current: readonly number[]): Measured => over(reference, current, (sum, p, q) => sum + Math.abs(p - q), (sum) => Math.min(1, sum / 2));
/** In [0, 1]. */
export const lInfinity = (reference: readonly number[], current: readonly number[]): Measured => over(reference, current, (most, p, q) => Math.max(most, Math.abs(p - q)), (most) => most);
