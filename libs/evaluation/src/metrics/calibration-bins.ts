import { addExact, calibrationErrorOf, canonicalSum, checkWhole } from '@mettle/statistics';
import type { ExactSum } from '@mettle/statistics';
import { checkSame } from './metric.ts';
import type { Metric } from './metric.ts';
import { mergeTotals, totalOf } from './total.ts';
import type { Total } from './total.ts';

/** Rows by equal-width bin of the score over [0, 1]: [a, b), the last closed. What ECE and a reliability diagram need. */
export interface CalibrationBins {
  readonly scheme: 'equal-width';
  readonly rows: readonly number[];
  readonly positives: readonly number[];
  /** Σ score of a bin. */
  readonly scores: readonly Total[];
}

/** @throws MettleError INVALID_INPUT unless `bins` is a whole number from 1 on */
export function calibrationBins(bins: number, labels: ArrayLike<number>, scores: ArrayLike<number>): CalibrationBins {
  checkWhole(bins, 'bins', 1);
  const rows = new Array<number>(bins).fill(0);
  const positives = new Array<number>(bins).fill(0);
  const sums: ExactSum[] = Array.from({ length: bins }, () => []);
  for (let row = 0; row < scores.length; row += 1) {
    const score = scores[row] as number;
    const at = Math.min(bins - 1, Math.floor(score * bins));
    rows[at] = (rows[at] as number) + 1;
    positives[at] = (positives[at] as number) + (labels[row] as number);
    addExact(sums[at] as ExactSum, score);
  }
  return { scheme: 'equal-width', rows, positives, scores: sums.map(canonicalSum) };
}

/** @throws MettleError INVALID_INPUT for different numbers of bins */
export function mergeCalibrationBins(a: CalibrationBins, b: CalibrationBins): CalibrationBins {
  checkSame(a.rows.length, b.rows.length, 'calibration bins');
  const add = (x: readonly number[], y: readonly number[]): number[] => x.map((value, at) => value + (y[at] ?? 0));
  return { scheme: a.scheme, rows: add(a.rows, b.rows), positives: add(a.positives, b.positives), scores: a.scores.map((sum, at) => mergeTotals(sum, b.scores[at] ?? [])) };
}

/** Expected calibration error Σ rows/N |share of positives - mean score| over the bins. */
export const binnedCalibrationError = ({ rows, positives, scores }: CalibrationBins): Metric => calibrationErrorOf(rows, positives, scores.map(totalOf));
