import betainc from '@stdlib/math-base-special-betainc';
import beta from '@stdlib/stats-base-dists-beta';

/** P(B <= x) for B ~ Beta(a, b), a, b > 0. */
export const betaCdf = (x: number, a: number, b: number): number => (x <= 0 ? 0 : x >= 1 ? 1 : betainc(x, a, b));
/** P(B > x): full relative accuracy in the upper tail. */
export const betaSf = (x: number, a: number, b: number): number => (x <= 0 ? 1 : x >= 1 ? 0 : betainc(x, a, b, true, true));
/** x with P(B <= x) = p. */
export const betaQuantile = (p: number, a: number, b: number): number => beta.quantile(p, a, b);
