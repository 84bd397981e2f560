import betainc from '@stdlib/math-base-special-betainc';
import beta from '@stdlib/stats-base-dists-beta';
import { logBeta } from './gamma.ts';

/** P(B <= x) for B ~ Beta(a, b), a, b > 0. */
export const betaCdf = (x: number, a: number, b: number): number => (x <= 0 ? 0 : x >= 1 ? 1 : betainc(x, a, b));
/** P(B > x): full relative accuracy in the upper tail. */
export const betaSf = (x: number, a: number, b: number): number => (x <= 0 ? 1 : x >= 1 ? 0 : betainc(x, a, b, true, true));
/** x with P(B <= x) = p. */
export const betaQuantile = (p: number, a: number, b: number): number => beta.quantile(p, a, b);

/** ln P(B <= x), 0 < x < 1: does not underflow in the far tail. */
export function logBetaCdf(x: number, a: number, b: number): number {
  if (x >= (a + 1) / (a + b + 2)) return Math.log(betainc(x, a, b));
  return a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - logBeta(a, b) + Math.log(betaFraction(x, a, b));
}
/** ln P(B > x), 0 < x < 1. */
export const logBetaSf = (x: number, a: number, b: number): number => logBetaCdf(1 - x, b, a);

/** Continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method; fast for x < (a + 1) / (a + b + 2). */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return h;
}
