import { incompleteGamma, logGammaDensity } from './gamma.ts';
import { normalQuantile } from './normal.ts';

/** P(X <= x) for X ~ χ²(dof), dof > 0. */
export const chiSquareCdf = (x: number, dof: number): number => (x <= 0 ? 0 : incompleteGamma(dof / 2, x / 2).lower);

/** P(X > x): full relative accuracy down to about 1e-300. */
export const chiSquareSf = (x: number, dof: number): number => (x <= 0 ? 1 : incompleteGamma(dof / 2, x / 2).upper);

/** x with P(X <= x) = p. */
export const chiSquareQuantile = (p: number, dof: number): number => (p <= 0.5 ? solve(p, dof, true) : solve(1 - p, dof, false));

/** x with P(X > x) = q: exact for tiny q. */
export const chiSquareUpperQuantile = (q: number, dof: number): number => (q <= 0.5 ? solve(q, dof, false) : solve(1 - q, dof, true));

/** Newton on the logarithm of one tail, kept inside a bracket. */
function solve(tail: number, dof: number, lower: boolean): number {
  if (!(tail >= 0 && tail <= 0.5) || !(dof > 0)) return Number.NaN;
  if (tail === 0) return lower ? 0 : Number.POSITIVE_INFINITY;
  const a = dof / 2;
  const z = lower ? normalQuantile(tail) : -normalQuantile(tail);
  const h = 2 / (9 * dof);
  const hilferty = dof * (1 - h + z * Math.sqrt(h)) ** 3;
  let x = hilferty > 1e-3 * dof ? hilferty / 2 : Math.max(Math.exp((Math.log(tail) + Math.log(a)) / a), 1e-300);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  const target = Math.log(tail);
  for (let k = 0; k < 200; k += 1) {
    const at = incompleteGamma(a, x);
    const value = Math.log(lower ? at.lower : at.upper);
    const excess = lower ? value - target : target - value;
    if (excess > 0) high = x;
    else low = x;
    const slope = Math.exp(logGammaDensity(a, x) - value);
    let next = x - excess / slope;
    if (!(next > low && next < high)) next = high === Number.POSITIVE_INFINITY ? x * 2 : (low + high) / 2;
    if (Math.abs(next - x) <= 4e-16 * x) return 2 * next;
    x = next;
  }
  return 2 * x;
}
