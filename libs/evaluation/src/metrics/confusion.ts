import { checkPositive } from '@mettle/statistics';
import { ratio } from './metric.ts';
import type { Metric } from './metric.ts';

/** Counts of rows by label and predicted class. */
export interface Confusion { readonly tp: number; readonly fp: number; readonly tn: number; readonly fn: number }

export const mergeConfusions = (a: Confusion, b: Confusion): Confusion => ({ tp: a.tp + b.tp, fp: a.fp + b.fp, tn: a.tn + b.tn, fn: a.fn + b.fn });

/** Share of the rows that are classed right. */
export const accuracyOf = ({ tp, fp, tn, fn }: Confusion): Metric => ratio(tp + tn, tp + fp + tn + fn, 'EMPTY_SAMPLE');
/** Share of the predicted positives that are positive; undefined when nothing is predicted positive. */
export const precisionOf = ({ tp, fp, tn, fn }: Confusion): Metric => ratio(tp, tp + fp, tn + fn > 0 ? 'NO_PREDICTED_POSITIVES' : 'EMPTY_SAMPLE');
/** Share of the positives that are found. */
export const recallOf = ({ tp, fn, fp, tn }: Confusion): Metric => ratio(tp, tp + fn, fp + tn > 0 ? 'ONE_CLASS' : 'EMPTY_SAMPLE');
/** Share of the negatives that are left alone. */
export const specificityOf = ({ tn, fp, tp, fn }: Confusion): Metric => ratio(tn, tn + fp, tp + fn > 0 ? 'ONE_CLASS' : 'EMPTY_SAMPLE');

/**
 * F-beta = (1 + β²) tp / ((1 + β²) tp + β² fn + fp): recall counts β times as much as precision. Undefined only when no
 * row is positive and none is predicted so.
 * @throws MettleError INVALID_INPUT unless β > 0
 */
export function fBetaOf({ tp, fp, fn, tn }: Confusion, beta = 1): Metric {
  checkPositive(beta, 'beta');
  const hits = (1 + beta * beta) * tp;
  return ratio(hits, hits + beta * beta * fn + fp, tn > 0 ? 'NO_PREDICTED_POSITIVES' : 'EMPTY_SAMPLE');
}
