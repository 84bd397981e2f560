import { checkAlpha, checkCounts, sumOf } from './checks.ts';
import { kolmogorovSf, kolmogorovUpperQuantile } from './kolmogorov.ts';

/**
 * Two-sample D = max |F - G| over the edges of shared, ordered bins: never above the D of the raw values.
 * null when a sample is empty.
 */
export function binnedKs(reference: readonly number[], current: readonly number[]): number | null {
  checkCounts(reference, current);
  const n = sumOf(reference);
  const m = sumOf(current);
  if (n === 0 || m === 0) return null;
  let f = 0;
  let g = 0;
  let d = 0;
  for (let at = 0; at < reference.length; at += 1) {
    f += reference[at] ?? 0;
    g += current[at] ?? 0;
    d = Math.max(d, Math.abs(f / n - g / m));
  }
  return d;
}

/**
 * An upper bound of P(D >= d) when both samples come from one law: Kolmogorov's limit at d sqrt(nm / (n + m)).
 * For finite samples and for binned or tied values the true probability is smaller, so an alarm on it keeps its rate.
 */
export const ksPValue = (d: number, n: number, m: number): number => kolmogorovSf(d * Math.sqrt((n * m) / (n + m)));

/** The D whose {@link ksPValue} is alpha. */
export function ksThreshold(n: number, m: number, alpha: number): number {
  checkAlpha(alpha);
  return kolmogorovUpperQuantile(alpha) * Math.sqrt((n + m) / (n * m));
}
