import { betaCdf, betaSf } from './beta.ts';
import { devianceTerm, stirlingError } from './gamma.ts';

/** P(X = k) for X ~ Binomial(n, p); relative error about 1e-15 times the size of its logarithm (Loader 2000). */
export function binomialMass(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  const q = 1 - p;
  if (p === 0) return k === 0 ? 1 : 0;
  if (q === 0) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const log = stirlingError(n) - stirlingError(k) - stirlingError(n - k) - devianceTerm(k, n * p) - devianceTerm(n - k, n * q);
  return Math.exp(log) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

/** P(X <= k). */
export const binomialCdf = (k: number, n: number, p: number): number => (k < 0 ? 0 : k >= n ? 1 : betaSf(p, Math.floor(k) + 1, n - Math.floor(k)));

/** P(X > k): full relative accuracy in the upper tail. */
export const binomialSf = (k: number, n: number, p: number): number => (k < 0 ? 1 : k >= n ? 0 : betaCdf(p, Math.floor(k) + 1, n - Math.floor(k)));

/** P(X = k) for X ~ Hypergeometric: k marked among `draws` from `marked` + `plain` (Loader's three binomials). */
export function hypergeometricMass(k: number, marked: number, plain: number, draws: number): number {
  const all = marked + plain;
  if (k < Math.max(0, draws - plain) || k > Math.min(draws, marked)) return 0;
  if (draws === 0 || draws === all) return 1;
  const p = draws / all;
  return (binomialMass(k, marked, p) * binomialMass(draws - k, plain, p)) / binomialMass(draws, all, p);
}
