import { MettleError } from '@mettle/contracts';
import { checkAlpha, checkFinite, checkPaired, checkWhole } from '../checks.ts';
import type { IntervalResult, Method } from '../method.ts';
import { interval, noInterval } from '../method.ts';
import { normalUpperQuantile } from '../normal.ts';
import type { ClassRows, ConfusionMetric, Estimate, ScoreMetric } from './estimates.ts';
import { CONFUSION_METRICS, SCORE_METRICS, estimateAuc, estimateAveragePrecision, estimateConfusion, estimateLoss } from './estimates.ts';

export const CBPE: Method = { name: 'cbpe', kind: 'estimate', direction: 'none', needs: 'scores', citation: 'Confidence-based performance estimation, NannyML; Kull et al. on calibration; interval by the delta method over independent Bernoulli labels' };

/** What no estimate of this kind can see; shown wherever one is. */
export const CBPE_BLINDNESS = 'Estimated from scores alone, as if a score still meant what it meant on the reference: a change of the outcome at the same score (concept drift) is invisible here.';

export type EstimatedMetric = 'auc' | 'average_precision' | ConfusionMetric | ScoreMetric;
export const ESTIMATED_METRICS: readonly EstimatedMetric[] = ['auc', 'average_precision', ...CONFUSION_METRICS, ...SCORE_METRICS];
/** Macro means over classes, and the accuracy. */
export const MULTICLASS_ESTIMATED = ['auc', 'f1', 'precision', 'recall', 'specificity', 'accuracy'] as const;

/**
 * What the metric would be on these rows if the probabilities are calibrated, with an interval that holds the realised
 * value of such rows with probability 1 - alpha: the labels vary as independent Bernoulli trials. Neither the error of
 * the calibration itself nor concept drift is in it (see {@link CBPE_BLINDNESS}).
 */
export interface PerformanceEstimate { readonly metric: string; readonly interval: IntervalResult; readonly blindness: typeof CBPE_BLINDNESS }

function checkRows({ scores, predicted, probabilities }: ClassRows): void {
  checkPaired(scores, predicted, 'scores and predicted classes');
  checkPaired(scores, probabilities, 'scores and probabilities');
  checkFinite(scores, 'scores');
  for (let row = 0; row < scores.length; row += 1) {
    const c = probabilities[row] as number;
    if (!(c >= 0 && c <= 1) || (predicted[row] !== 0 && predicted[row] !== 1)) throw new MettleError('INVALID_INPUT', 'a predicted class is 0 or 1 and a probability lies in [0, 1]', { row, predicted: String(predicted[row]), probability: String(c) });
  }
}

const isLoss = (metric: EstimatedMetric): metric is ScoreMetric => SCORE_METRICS.some((one) => one === metric);
/** The largest value that a metric can take, for `rows` rows. */
const mostOf = (metric: EstimatedMetric, rows: number): number => (['tp', 'fp', 'tn', 'fn'].includes(metric) ? rows : metric === 'log_loss' ? Infinity : 1);

/** The estimate and its derivatives, unchecked. */
export function estimateOf(rows: ClassRows, metric: EstimatedMetric): Estimate {
  if (metric === 'auc') return estimateAuc(rows);
  if (metric === 'average_precision') return estimateAveragePrecision(rows);
  return isLoss(metric) ? estimateLoss(rows, metric) : estimateConfusion(rows, metric);
}

function around(metric: string, value: number, variance: number, alpha: number, most: number): PerformanceEstimate {
  const half = normalUpperQuantile(alpha / 2) * Math.sqrt(variance);
  return { metric, interval: interval(value, Math.max(0, value - half), Math.min(most, value + half)), blindness: CBPE_BLINDNESS };
}

/** CBPE of a binary classifier. @throws MettleError INVALID_INPUT for unequal lengths, NaN, an unknown metric, and a loss of scores outside [0, 1] */
export function estimatePerformance(rows: ClassRows, metric: EstimatedMetric, alpha: number): PerformanceEstimate {
  checkAlpha(alpha);
  checkRows(rows);
  if (!ESTIMATED_METRICS.includes(metric)) throw new MettleError('INVALID_INPUT', `'${String(metric)}' cannot be estimated`, { metric: String(metric), known: [...ESTIMATED_METRICS] });
  const outside = isLoss(metric) ? Array.prototype.findIndex.call(rows.scores, (score: number) => score < 0 || score > 1) : -1;
  if (outside >= 0) throw new MettleError('INVALID_INPUT', `'${metric}' is of scores that are probabilities`, { metric, row: outside, score: rows.scores[outside] ?? null });
  const { value, gradient, reason } = estimateOf(rows, metric);
  if (value === null) return { metric, interval: noInterval(reason), blindness: CBPE_BLINDNESS };
  let variance = 0;
  for (let row = 0; row < gradient.length; row += 1) {
    const c = rows.probabilities[row] as number;
    variance += c * (1 - c) * (gradient[row] as number) ** 2;
  }
  return around(metric, value, variance, alpha, mostOf(metric, gradient.length));
}

export interface MulticlassRows {
  readonly classes: number;
  /** Raw scores and calibrated probabilities, row after row; the probabilities of a row sum to 1. */
  readonly scores: ArrayLike<number>;
  readonly probabilities: ArrayLike<number>;
  /** The predicted class of each row, from 0. */
  readonly predicted: ArrayLike<number>;
}

/** Probabilities calibrated class by class, scaled so that a row sums to 1 (even where all are 0). */
export function normaliseProbabilities(probabilities: Float64Array, classes: number): Float64Array {
  checkWhole(classes, 'classes', 2);
  const out = new Float64Array(probabilities.length);
  for (let from = 0; from < out.length; from += classes) {
    let sum = 0;
    for (let which = 0; which < classes; which += 1) sum += probabilities[from + which] as number;
    for (let which = 0; which < classes; which += 1) out[from + which] = sum > 0 ? (probabilities[from + which] as number) / sum : 1 / classes;
  }
  return out;
}

/** CBPE of a multiclass classifier: the mean over classes of one class against the rest, or the accuracy. */
export function estimateMulticlass(rows: MulticlassRows, metric: (typeof MULTICLASS_ESTIMATED)[number], alpha: number): PerformanceEstimate {
  checkAlpha(alpha);
  const { classes, scores, probabilities, predicted } = rows;
  checkWhole(classes, 'classes', 2);
  checkPaired(scores, probabilities, 'scores and probabilities');
  if (scores.length !== predicted.length * classes) throw new MettleError('INVALID_INPUT', 'one score per row and class', { rows: predicted.length, classes, scores: scores.length });
  const n = predicted.length;
  // Σ over classes of ∂M/∂c, and the weight of each class in the mean.
  const slopes = new Float64Array(n * classes);
  let value = 0;
  for (let which = 0; which < classes; which += 1) {
    const column = (of: ArrayLike<number>): Float64Array => Float64Array.from({ length: n }, (_, row) => of[row * classes + which] as number);
    const one = { scores: column(scores), probabilities: column(probabilities), predicted: Uint8Array.from({ length: n }, (_, row) => (predicted[row] === which ? 1 : 0)) };
    checkRows(one);
    // The right rows of all classes together are the accuracy; the other metrics are means.
    const got = metric === 'accuracy' ? estimateConfusion(one, 'tp') : estimateOf(one, metric);
    if (got.value === null) return { metric, interval: noInterval(got.reason), blindness: CBPE_BLINDNESS };
    const weight = metric === 'accuracy' ? 1 / n : 1 / classes;
    value += weight * got.value;
    for (let row = 0; row < n; row += 1) slopes[row * classes + which] = weight * (got.gradient[row] as number);
  }
  // A row's label is one draw of its classes: Var Σ g 1[label] = Σ c g² - (Σ c g)².
  let variance = 0;
  for (let from = 0; from < slopes.length; from += classes) {
    let mean = 0;
    let square = 0;
    for (let at = from; at < from + classes; at += 1) {
      const part = (probabilities[at] as number) * (slopes[at] as number);
      mean += part;
      square += part * (slopes[at] as number);
    }
    variance += Math.max(0, square - mean * mean);
  }
  return around(metric, value, variance, alpha, 1);
}
