import { MettleError, canonicalJson } from '@mettle/contracts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { addExact, addSquare, canonical, mergeExact, squaredDeviations, valueOf } from './exact-sum.ts';
import { binOf, checkEdges } from './edges.ts';

export const NUMERIC_PROFILE: Method = { name: 'numeric-profile', kind: 'summary', direction: 'none', needs: 'values', citation: 'Fixed-edge histogram, bins [a, b), last closed, as numpy.histogram; exact sums by Shewchuk (1997)' };

/** All that is kept of a numeric column: additive, JSON, and merged to the same bits in any order. */
export interface NumericProfile {
  readonly v: 1;
  readonly edges: readonly number[];
  readonly rows: number;
  readonly nulls: number;
  readonly nans: number;
  /** +∞ and -∞ together. */
  readonly infinite: number;
  /** Finite values below the first and above the last edge. */
  readonly underflow: number;
  readonly overflow: number;
  readonly bins: readonly number[];
  /** Exact sums of the finite values and of their squares, in canonical parts. */
  readonly sum: readonly number[];
  readonly squares: readonly number[];
  /** Finite values too large or too small to square exactly; with any, moments are null. */
  readonly beyond: number;
  readonly min: number | null;
  readonly max: number | null;
}

export const emptyNumericProfile = (edges: readonly number[]): NumericProfile => {
  checkEdges(edges);
  return { v: 1, edges: [...edges], rows: 0, nulls: 0, nans: 0, infinite: 0, underflow: 0, overflow: 0, bins: new Array<number>(edges.length - 1).fill(0), sum: [], squares: [], beyond: 0, min: null, max: null };
};

/** The profile with more rows; null and undefined count as null. The given profile is left as it was. */
export function profileValues(profile: NumericProfile, values: Iterable<number | null | undefined>): NumericProfile {
  const { edges } = profile;
  const first = edges[0] as number;
  const last = edges[edges.length - 1] as number;
  const bins = [...profile.bins];
  const sum = [...profile.sum];
  const squares = [...profile.squares];
  let { rows, nulls, nans, infinite, underflow, overflow, beyond } = profile;
  let min = profile.min ?? Number.POSITIVE_INFINITY;
  let max = profile.max ?? Number.NEGATIVE_INFINITY;
  for (const value of values) {
    rows += 1;
    if (value === null || value === undefined) { nulls += 1; continue; }
    if (Number.isNaN(value)) { nans += 1; continue; }
    if (!Number.isFinite(value)) { infinite += 1; continue; }
    if (value < min) min = value;
    if (value > max) max = value;
    const size = Math.abs(value);
    if (size > 1e140 || (size < 1e-140 && size > 0)) beyond += 1;
    else { addExact(sum, value); addSquare(squares, value); }
    if (value < first) underflow += 1;
    else if (value > last) overflow += 1;
    else { const at = binOf(edges, value); bins[at] = (bins[at] as number) + 1; }
  }
  return { v: 1, edges, rows, nulls, nans, infinite, underflow, overflow, bins, sum: canonical(sum), squares: canonical(squares), beyond, min: min === Number.POSITIVE_INFINITY ? null : min + 0, max: max === Number.NEGATIVE_INFINITY ? null : max + 0 };
}


/** Both together: associative and commutative to the bit. @throws MettleError INVALID_INPUT when the edges differ */
export function mergeNumericProfiles(a: NumericProfile, b: NumericProfile): NumericProfile {
  if (canonicalJson(a.edges) !== canonicalJson(b.edges)) throw new MettleError('INVALID_INPUT', 'profiles have different edges', { first: a.edges.length, second: b.edges.length });
  const least = (x: number | null, y: number | null, pick: (...of: number[]) => number): number | null => (x === null ? y : y === null ? x : pick(x, y));
  return {
    v: 1, edges: a.edges, rows: a.rows + b.rows, nulls: a.nulls + b.nulls, nans: a.nans + b.nans, infinite: a.infinite + b.infinite,
    underflow: a.underflow + b.underflow, overflow: a.overflow + b.overflow, bins: a.bins.map((count, at) => count + (b.bins[at] ?? 0)),
    sum: mergeExact([...a.sum], [...b.sum]), squares: mergeExact([...a.squares], [...b.squares]), beyond: a.beyond + b.beyond,
    min: least(a.min, b.min, Math.min), max: least(a.max, b.max, Math.max),
  };
}

export const finiteCount = (profile: NumericProfile): number => profile.rows - profile.nulls - profile.nans - profile.infinite;

export function profileMean(profile: NumericProfile): Measured {
  const n = finiteCount(profile);
  return n === 0 ? unmeasured('EMPTY_SAMPLE') : profile.beyond > 0 ? unmeasured('OUT_OF_REACH') : measured(valueOf([...profile.sum]) / n);
}

/** Variance with divisor n - 1, from exact sums: Σx² - (Σx)²/n does not cancel. */
export function profileVariance(profile: NumericProfile): Measured {
  const n = finiteCount(profile);
  if (n < 2) return unmeasured(n === 0 ? 'EMPTY_SAMPLE' : 'TOO_FEW_VALUES');
  if (profile.beyond > 0) return unmeasured('OUT_OF_REACH');
  return measured(squaredDeviations(n, profile.sum, profile.squares) / (n - 1));
}

/** All finite values by bin, with the values outside the edges first and last: what a distance takes. */
export const histogramOf = (profile: NumericProfile): number[] => [profile.underflow, ...profile.bins, profile.overflow];
