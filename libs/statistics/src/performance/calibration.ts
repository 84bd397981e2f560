import { MettleError } from '@mettle/contracts';
import { checkWhole } from '../checks.ts';
import type { Method } from '../method.ts';
import { calibrationError } from './calibration-error.ts';
import type { IsotonicFit } from './isotonic.ts';
import { isotonicAt, isotonicFit } from './isotonic.ts';

export const CALIBRATION: Method = { name: 'calibration', kind: 'estimate', direction: 'none', needs: 'scores', citation: 'Isotonic regression, kept only where it lowers the cross-validated calibration error, as NannyML' };

/** How scores become probabilities; JSON. `fit` null: the scores are used as they are. */
export interface Calibration {
  readonly v: 1;
  readonly fit: IsotonicFit | null;
  /** Cross-validated calibration error (equal-mass bins) before and after; null when it could not be measured. */
  readonly errorBefore: number | null;
  readonly errorAfter: number | null;
  /** Rows that the fit learned from. */
  readonly rows: number;
}

export interface CalibrationOptions {
  /** Equal-mass bins of the calibration error; 10 unless said. */
  readonly bins?: number;
  /** Parts of the cross-validation; 10 unless said. Row k is in part k mod folds, within its class: nothing is drawn. */
  readonly folds?: number;
}

/**
 * Learns a calibration from labelled reference rows. Isotonic regression is kept only if its out-of-fold predictions have
 * a smaller calibration error than the scores themselves; with one class, or fewer than two rows a fold, the scores stay.
 * @throws MettleError INVALID_INPUT for labels other than 0/1 and scores outside [0, 1]
 */
export function fitCalibration(labels: ArrayLike<number>, scores: ArrayLike<number>, options: CalibrationOptions = {}): Calibration {
  const { bins = 10, folds = 10 } = options;
  checkWhole(folds, 'folds', 2);
  const n = labels.length;
  const before = calibrationError(labels, scores, { scheme: 'equal-mass', bins }).value;
  const seen = [0, 0];
  const part = Uint32Array.from({ length: n }, (_, row) => {
    const label = labels[row] as 0 | 1;
    const at = seen[label] as number;
    seen[label] = at + 1;
    return at % folds;
  });
  if (before === null || n < 2 * folds || seen[0] === 0 || seen[1] === 0) return { v: 1, fit: null, errorBefore: before, errorAfter: null, rows: n };
  const calibrated = new Float64Array(n);
  for (let fold = 0; fold < folds; fold += 1) {
    const rest = { scores: [] as number[], labels: [] as number[] };
    for (let row = 0; row < n; row += 1) {
      if (part[row] === fold) continue;
      rest.scores.push(scores[row] as number);
      rest.labels.push(labels[row] as number);
    }
    const fit = isotonicFit(rest.scores, rest.labels) as IsotonicFit;
    for (let row = 0; row < n; row += 1) if (part[row] === fold) calibrated[row] = isotonicAt(fit, scores[row] as number);
  }
  const after = calibrationError(labels, calibrated, { scheme: 'equal-mass', bins }).value as number;
  return { v: 1, fit: after < before ? isotonicFit(scores, labels) : null, errorBefore: before, errorAfter: after, rows: n };
}

/** Probabilities of scores under a calibration. @throws MettleError INVALID_INPUT for scores outside [0, 1] */
export function calibrate({ fit }: Calibration, scores: ArrayLike<number>): Float64Array {
  return Float64Array.from(scores, (score, row) => {
    if (!(score >= 0 && score <= 1)) throw new MettleError('INVALID_INPUT', 'scores lie in [0, 1]', { row, score: String(score) });
    return fit === null ? score : isotonicAt(fit, score);
  });
}
