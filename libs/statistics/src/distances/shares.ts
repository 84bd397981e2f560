import { checkCounts, sumOf } from '../checks.ts';

/**
 * What happens to a share of zero before a logarithm is taken.
 * - `none`: nothing; what is infinite comes back as null with ZERO_MASS.
 * - `{ pseudoCount }`: that many rows in every bin either sample uses; the shares still sum to one.
 * - `evidently`: zeros become 1e-4, or the least share above zero / 1e6 where that is not above 1e-4; per vector, not renormalised.
 * - `deepchecks`: shares below 1 % become 1 %. `popmon`: 1e-5 is added to every share.
 */
export type ZeroRule = 'none' | 'evidently' | 'deepchecks' | 'popmon' | { readonly pseudoCount: number };

/** Shares of both samples over the bins that either uses; null when a sample is empty. @throws MettleError INVALID_INPUT */
export function sharesOf(reference: readonly number[], current: readonly number[], zeros: ZeroRule = 'none'): { p: number[]; q: number[] } | null {
  checkCounts(reference, current);
  const a = reference.filter((count, at) => count + (current[at] ?? 0) > 0);
  const b = current.filter((count, at) => count + (reference[at] ?? 0) > 0);
  const n = sumOf(a);
  const m = sumOf(b);
  if (n === 0 || m === 0) return null;
  return { p: sharesUnder(a, n, zeros), q: sharesUnder(b, m, zeros) };
}

/** Shares of one sample with zeros handled; bins that are empty in both samples stay. */
export function sharesUnder(counts: readonly number[], total: number, zeros: ZeroRule): number[] {
  if (typeof zeros === 'object') return counts.map((count) => (count + zeros.pseudoCount) / (total + zeros.pseudoCount * counts.length));
  const shares = counts.map((count) => count / total);
  if (zeros === 'deepchecks') return shares.map((share) => Math.max(share, 0.01));
  if (zeros === 'popmon') return shares.map((share) => share + 1e-5);
  if (zeros === 'none') return shares;
  const least = Math.min(...shares.filter((share) => share > 0));
  const fill = least <= 1e-4 ? least / 1e6 : 1e-4;
  return shares.map((share) => (share === 0 ? fill : share));
}
