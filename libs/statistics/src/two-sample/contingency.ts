import { checkCounts, checkWhole, sumOf } from '../checks.ts';
import { chiSquareSf } from '../chi-square.ts';
import { dealCounts } from '../discrete-draws.ts';
import { mergeSparse } from '../merge-sparse.ts';
import type { Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';
import type { Random } from '../random.ts';

export const CHI_SQUARE: Method = { name: 'chi-square-contingency', kind: 'two-sample-test', direction: 'larger', needs: 'counts', citation: 'Pearson (1900), Yates (1934); as scipy.stats.chi2_contingency' };
export const G_TEST: Method = { name: 'g-test', kind: 'two-sample-test', direction: 'larger', needs: 'counts', citation: 'Wilks (1935); as scipy.stats.chi2_contingency(lambda_="log-likelihood")' };

export interface ContingencyOptions {
  /** Yates' correction where there is one degree of freedom; true by default, as SciPy. */
  readonly yates?: boolean;
  /** Categories that expect fewer rows than this in either sample are joined first; 0 joins none. */
  readonly mergeBelow?: number;
  /** With it, a table that still expects fewer than five somewhere is judged by permutation. */
  readonly permutation?: { readonly random: Random; readonly rounds: number };
}

/**
 * Do two samples share one distribution over categories? Homogeneity of a 2 x K table, so the sampling error of the
 * reference counts too (a goodness of fit against the reference's shares ignores it). Categories empty in both are dropped.
 */
export const chiSquareTest = (reference: readonly number[], current: readonly number[], options: ContingencyOptions = {}): TestResult => contingency(reference, current, options, pearson);

/** The likelihood-ratio form, 2 Σ O ln(O/E), on the same table and with the same correction. */
export const gTest = (reference: readonly number[], current: readonly number[], options: ContingencyOptions = {}): TestResult => contingency(reference, current, options, likelihood);

const pearson = (observed: number, expected: number): number => ((observed - expected) * (observed - expected)) / expected;
const likelihood = (observed: number, expected: number): number => (observed > 0 ? 2 * observed * Math.log(observed / expected) : 0);

function contingency(reference: readonly number[], current: readonly number[], options: ContingencyOptions, part: (observed: number, expected: number) => number): TestResult {
  checkCounts(reference, current);
  let table = { reference: reference.filter((count, at) => count + (current[at] ?? 0) > 0), current: current.filter((count, at) => count + (reference[at] ?? 0) > 0) };
  if ((options.mergeBelow ?? 0) > 0) table = mergeSparse(table.reference, table.current, { minExpected: options.mergeBelow ?? 0, ordered: false });
  const n = sumOf(table.reference);
  const m = sumOf(table.current);
  if (n === 0 || m === 0) return untested('EMPTY_SAMPLE', 'asymptotic');
  const bins = table.reference.length;
  if (bins < 2) return untested('ONE_CATEGORY', 'asymptotic');
  const totals = table.reference.map((count, at) => count + (table.current[at] ?? 0));
  const yates = (options.yates ?? true) && bins === 2;
  const least = Math.min(...totals) * (Math.min(n, m) / (n + m));
  const statistic = statisticOf(table.reference, table.current, totals, n, m, yates, part);
  if (options.permutation === undefined || least >= 5) return tested(statistic, chiSquareSf(statistic, bins - 1), yates ? 'asymptotic, Yates' : 'asymptotic');
  return tested(statistic, byPermutation(statistic, totals, n, m, yates, options.permutation, part), 'permutation');
}

function statisticOf(reference: ArrayLike<number>, current: ArrayLike<number>, totals: readonly number[], n: number, m: number, yates: boolean, part: (observed: number, expected: number) => number): number {
  const all = n + m;
  let sum = 0;
  for (let at = 0; at < totals.length; at += 1) {
    for (const [counts, size] of [[reference, n], [current, m]] as const) {
      const expected = ((totals[at] ?? 0) * size) / all;
      let observed = counts[at] ?? 0;
      if (yates) observed += Math.sign(expected - observed) * Math.min(0.5, Math.abs(expected - observed));
      sum += part(observed, expected);
    }
  }
  return sum;
}

/** Rows keep their categories and are dealt again: p = (1 + as extreme) / (1 + rounds), valid at any sample size. */
function byPermutation(statistic: number, totals: readonly number[], n: number, m: number, yates: boolean, { random, rounds }: { random: Random; rounds: number }, part: (observed: number, expected: number) => number): number {
  checkWhole(rounds, 'rounds', 1);
  for (const total of totals) checkWhole(total, 'count');
  const dealt: number[] = [];
  const rest: number[] = [];
  let extreme = 0;
  for (let round = 0; round < rounds; round += 1) {
    dealCounts(random, totals, n, dealt, rest);
    if (statisticOf(dealt, rest, totals, n, m, yates, part) >= statistic * (1 - 1e-12)) extreme += 1;
  }
  return (1 + extreme) / (1 + rounds);
}
