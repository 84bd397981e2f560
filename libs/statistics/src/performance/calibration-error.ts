import { MettleError } from '@mettle/contracts';
import { checkFinite, checkPaired, checkWhole } from '../checks.ts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';

export const CALIBRATION_ERROR: Method = { name: 'expected-calibration-error', kind: 'estimate', direction: 'larger', needs: 'scores', citation: 'Naeini, Cooper & Hauskrecht (2015); the scheme of bins is part of the number' };

/** `equal-width`: [a, b) over [0, 1], the last closed. `equal-mass`: the sorted scores in runs of ⌊n / bins⌋, the rest in the last; rows of one score stay together, in the run of their first. */
export type CalibrationScheme = 'equal-width' | 'equal-mass';

/** Σ rows/N |positives/rows - Σ score/rows| over bins. @throws MettleError INVALID_INPUT for lists of different lengths */
export function calibrationErrorOf(rows: ArrayLike<number>, positives: ArrayLike<number>, scores: ArrayLike<number>): Measured {
  checkPaired(rows, positives, 'rows and positives of the bins');
  checkPaired(rows, scores, 'rows and scores of the bins');
  let total = 0;
  let gap = 0;
  for (let at = 0; at < rows.length; at += 1) {
    total += rows[at] as number;
    gap += Math.abs((positives[at] as number) - (scores[at] as number));
  }
  return total === 0 ? unmeasured('EMPTY_SAMPLE') : measured(gap / total);
}

/**
 * Expected calibration error of scores in [0, 1] for labels 0/1, in [0, 1].
 * @throws MettleError INVALID_INPUT for other labels or scores, and unless bins is a whole number from 1 on
 */
export function calibrationError(labels: ArrayLike<number>, scores: ArrayLike<number>, options: { scheme: CalibrationScheme; bins: number }): Measured {
  checkPaired(labels, scores, 'labels and scores');
  checkFinite(scores, 'scores');
  checkWhole(options.bins, 'bins', 1);
  const n = scores.length;
  if (n === 0) return unmeasured('EMPTY_SAMPLE');
  const bins = Math.min(options.bins, n);
  const rows = new Float64Array(options.bins);
  const positives = new Float64Array(options.bins);
  const sums = new Float64Array(options.bins);
  const add = (at: number, row: number): void => {
    const label = labels[row] as number;
    const score = scores[row] as number;
    if ((label !== 0 && label !== 1) || score < 0 || score > 1) throw new MettleError('INVALID_INPUT', 'labels are 0 or 1 and scores lie in [0, 1]', { row, label: String(label), score });
    rows[at] = (rows[at] as number) + 1;
    positives[at] = (positives[at] as number) + label;
    sums[at] = (sums[at] as number) + score;
  };
  if (options.scheme === 'equal-width') {
    for (let row = 0; row < n; row += 1) add(Math.min(options.bins - 1, Math.floor((scores[row] as number) * options.bins)), row);
  } else {
    const order = Uint32Array.from({ length: n }, (_, at) => at).sort((a, b) => (scores[a] as number) - (scores[b] as number));
    const run = Math.floor(n / bins);
    let at = 0;
    for (let k = 0; k < n; k += 1) {
      const row = order[k] as number;
      if (k === 0 || scores[row] !== scores[order[k - 1] as number]) at = Math.min(bins - 1, Math.floor(k / run));
      add(at, row);
    }
  }
  return calibrationErrorOf(rows, positives, sums);
}
