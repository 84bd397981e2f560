import { MettleError } from '@mettle/contracts';
import { checkAlpha, checkFinite, checkPaired } from '../checks.ts';
import type { IntervalResult, Method, TestResult } from '../method.ts';
import { interval, noInterval, tested, untested } from '../method.ts';
import { normalSf, normalUpperQuantile } from '../normal.ts';
import { midranks } from '../sorted.ts';

export const DELONG: Method = { name: 'delong', kind: 'interval', direction: 'both', needs: 'scores', citation: 'DeLong, DeLong & Clarke-Pearson (1988); Sun & Xu (2014) midranks' };

interface Parts { readonly auc: number; readonly positive: Float64Array; readonly negative: Float64Array }

/** AUC (ties ½) and its structural components V10, V01 by midranks: O(N log N). null when a class is missing. */
function partsOf(labels: ArrayLike<number | boolean>, scores: ArrayLike<number>): Parts | null {
  checkPaired(labels, scores, 'labels and scores');
  checkFinite(scores, 'scores');
  const up: number[] = [];
  const down: number[] = [];
  for (let at = 0; at < scores.length; at += 1) {
    const label = Number(labels[at]);
    if (label !== 0 && label !== 1) throw new MettleError('INVALID_INPUT', 'a label is 0 or 1', { at, label: String(labels[at]) });
    (label === 1 ? up : down).push(scores[at] as number);
  }
  const m = up.length;
  const n = down.length;
  if (m === 0 || n === 0) return null;
  const all = midranks(Float64Array.from([...up, ...down])).ranks;
  const within = midranks(Float64Array.from(up)).ranks;
  const without = midranks(Float64Array.from(down)).ranks;
  const positive = within.map((rank, at) => ((all[at] as number) - rank) / n);
  const negative = without.map((rank, at) => 1 - ((all[m + at] as number) - rank) / m);
  return { auc: positive.reduce((sum, part) => sum + part, 0) / m, positive, negative };
}

const covariance = (a: Float64Array, b: Float64Array): number => {
  const n = a.length;
  const ma = a.reduce((sum, one) => sum + one, 0) / n;
  const mb = b.reduce((sum, one) => sum + one, 0) / n;
  return a.reduce((sum, one, at) => sum + (one - ma) * ((b[at] as number) - mb), 0) / (n - 1);
};

const covarianceOf = (a: Parts, b: Parts): number => covariance(a.positive, b.positive) / a.positive.length + covariance(a.negative, b.negative) / a.negative.length;

/** AUC and its variance; null without both classes, variance null with fewer than two of a class. */
export function aucVariance(labels: ArrayLike<number | boolean>, scores: ArrayLike<number>): { auc: number; variance: number | null } | null {
  const parts = partsOf(labels, scores);
  if (parts === null) return null;
  return { auc: parts.auc, variance: parts.positive.length < 2 || parts.negative.length < 2 ? null : covarianceOf(parts, parts) };
}

/** Interval of an AUC at a fixed horizon (normal limit, cut to [0, 1]). */
export function aucInterval(labels: ArrayLike<number | boolean>, scores: ArrayLike<number>, alpha: number): IntervalResult {
  checkAlpha(alpha);
  const got = aucVariance(labels, scores);
  if (got === null) return noInterval(labels.length === 0 ? 'EMPTY_SAMPLE' : 'ONE_CLASS');
  if (got.variance === null) return noInterval('TOO_FEW_VALUES');
  const half = normalUpperQuantile(alpha / 2) * Math.sqrt(got.variance);
  return interval(got.auc, Math.max(0, got.auc - half), Math.min(1, got.auc + half));
}

/** AUC(first) - AUC(second) of two models on the same rows: interval, z test of no difference, standard error. */
export function aucDifference(labels: ArrayLike<number | boolean>, first: ArrayLike<number>, second: ArrayLike<number>, alpha: number): { interval: IntervalResult; test: TestResult; standardError: number | null } {
  checkAlpha(alpha);
  const a = partsOf(labels, first);
  const b = partsOf(labels, second);
  if (a === null || b === null || a.positive.length < 2 || a.negative.length < 2) {
    const reason = labels.length === 0 ? 'EMPTY_SAMPLE' : a === null ? 'ONE_CLASS' : 'TOO_FEW_VALUES';
    return { interval: noInterval(reason), test: untested(reason, 'asymptotic'), standardError: null };
  }
  const variance = covarianceOf(a, a) + covarianceOf(b, b) - 2 * covarianceOf(a, b);
  const difference = a.auc - b.auc;
  if (!(variance > 1e-18)) return { interval: noInterval('NO_VARIANCE'), test: untested('NO_VARIANCE', 'asymptotic'), standardError: null };
  const error = Math.sqrt(variance);
  const half = normalUpperQuantile(alpha / 2) * error;
  return { interval: interval(difference, difference - half, difference + half), test: tested(difference / error, 2 * normalSf(Math.abs(difference / error)), 'asymptotic'), standardError: error };
}
