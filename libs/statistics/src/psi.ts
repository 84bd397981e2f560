import { checkAlpha, checkCounts, sumOf } from './checks.ts';
import { chiSquareSf, chiSquareUpperQuantile } from './chi-square.ts';

/**
 * Population stability index Σ (p - q) ln(p / q) of two count vectors over the same bins.
 *
 * Zeros: every bin of both samples gets `pseudoCount` (Jeffreys' ½ by default) before shares are taken, so PSI is finite
 * and the shares still sum to one. With 0, a bin that is empty in one sample alone gives Infinity; a bin that is empty
 * in both never counts. null when a sample is empty.
 */
export function psi(reference: readonly number[], current: readonly number[], options: { pseudoCount?: number } = {}): number | null {
  checkCounts(reference, current);
  const add = options.pseudoCount ?? 0.5;
  const used = reference.map((count, at) => count > 0 || (current[at] ?? 0) > 0);
  const bins = used.filter(Boolean).length;
  const n = sumOf(reference);
  const m = sumOf(current);
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (let at = 0; at < reference.length; at += 1) {
    if (used[at] !== true) continue;
    const p = ((reference[at] ?? 0) + add) / (n + add * bins);
    const q = ((current[at] ?? 0) + add) / (m + add * bins);
    if (p !== q) sum += (p - q) * Math.log(p / q);
  }
  return sum;
}

interface Sizes {
  /** Rows of the reference. */
  readonly n: number;
  /** Rows of the current window. */
  readonly m: number;
  /** Bins that hold a row in either sample. */
  readonly bins: number;
}

/**
 * The value that PSI exceeds with probability `alpha` when both samples come from one law: PSI ~ (1/n + 1/m) χ²(bins - 1).
 * Holds where each bin expects at least about five rows in the smaller sample: {@link mergeSparse} sees to it.
 * @see Yurdakul (2018), Statistical properties of population stability index
 */
export function psiThreshold({ n, m, bins }: Sizes, alpha: number): number {
  checkAlpha(alpha);
  return bins < 2 ? Number.POSITIVE_INFINITY : (1 / n + 1 / m) * chiSquareUpperQuantile(alpha, bins - 1);
}

/** P(PSI >= value) under the same null; 1 with fewer than two bins. */
export const psiPValue = (value: number, { n, m, bins }: Sizes): number => (bins < 2 ? 1 : chiSquareSf(value / (1 / n + 1 / m), bins - 1));
