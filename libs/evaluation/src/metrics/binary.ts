import { MettleError } from '@mettle/contracts';
import { checkPaired, checkRange, measured, unmeasured } from '@mettle/statistics';
import { CLIP, LOSSES } from '../loss.ts';
import type { CalibrationBins } from './calibration-bins.ts';
import { binnedCalibrationError, calibrationBins, mergeCalibrationBins } from './calibration-bins.ts';
import type { Confusion } from './confusion.ts';
import { accuracyOf, fBetaOf, mergeConfusions, precisionOf, recallOf, specificityOf } from './confusion.ts';
import type { Evaluator, Metric, ScoredRows } from './metric.ts';
import { checkSame, reading } from './metric.ts';
import type { ScoreCounts } from './score-counts.ts';
import { aucOf, averagePrecisionOf, countScores, mergeScoreCounts } from './score-counts.ts';
import { Adder, meanOf, mergeTotals, totalOf } from './total.ts';
import type { Total } from './total.ts';

export interface BinaryOptions {
  /** A score of at least this is predicted positive; ½ unless said. */
  readonly threshold?: number;
  /** Equal-width bins of the calibration error; 10 unless said. */
  readonly bins?: number;
  /** Scores of AUC and average precision are rounded to multiples of this; null (exact) unless said. */
  readonly grid?: number | null;
}

/** Everything that the binary metrics need of a set of rows; JSON. */
export interface BinarySums {
  readonly v: 1;
  readonly rows: number;
  readonly threshold: number;
  readonly confusion: Confusion;
  /** Σ log loss (nats, clipped at 1e-6), Σ (p - label)², and the sums of their squares. */
  readonly totals: Readonly<Record<'logLoss' | 'logLossSquares' | 'brier' | 'brierSquares', Total>>;
  readonly calibration: CalibrationBins;
  readonly scores: ScoreCounts;
}

const TOTALS = ['logLoss', 'logLossSquares', 'brier', 'brierSquares'] as const;

/** Entropy in nats of a rate, clipped like the log loss: the log loss of the constant forecast of the base rate. */
export function entropy(rate: number): number {
  const p = Math.min(Math.max(rate, CLIP), 1 - CLIP);
  return -(rate * Math.log(p) + (1 - rate) * Math.log(1 - p));
}

const positivesOf = ({ confusion }: BinarySums): number => confusion.tp + confusion.fn;
const baseRate = (sums: BinarySums): Metric => (sums.rows === 0 ? unmeasured('EMPTY_SAMPLE') : measured(positivesOf(sums) / sums.rows));

/** Of labels 0/1 and probabilities of 1. Everything but AUC and average precision on a grid is that of the rows, to the last bit but one. */
export function binaryEvaluator(options: BinaryOptions = {}): Evaluator<BinarySums> {
  const { threshold = 0.5, bins = 10, grid = null } = options;
  checkRange(threshold, 'threshold', 0, 1);
  if (grid !== null) checkRange(grid, 'grid', 1e-9, 1);
  return {
    sums: (rows, only) => binarySums(rows, only, threshold, bins, grid),
    merge: (a, b) => {
      checkSame(a.threshold, b.threshold, 'thresholds');
      return {
        v: 1, rows: a.rows + b.rows, threshold: a.threshold, confusion: mergeConfusions(a.confusion, b.confusion),
        totals: Object.fromEntries(TOTALS.map((name) => [name, mergeTotals(a.totals[name], b.totals[name])])) as BinarySums['totals'],
        calibration: mergeCalibrationBins(a.calibration, b.calibration), scores: mergeScoreCounts(a.scores, b.scores),
      };
    },
    ...reading<BinarySums>('binary', {
      log_loss: ({ totals, rows }) => meanOf(totals.logLoss, rows),
      brier: ({ totals, rows }) => meanOf(totals.brier, rows),
      accuracy: ({ confusion }) => accuracyOf(confusion),
      precision: ({ confusion }) => precisionOf(confusion),
      recall: ({ confusion }) => recallOf(confusion),
      specificity: ({ confusion }) => specificityOf(confusion),
      /** `f_beta@2`: β = 2; 1 unless said. */
      f_beta: ({ confusion }, beta) => fBetaOf(confusion, beta ?? 1),
      auc: ({ scores }) => aucOf(scores),
      average_precision: ({ scores }) => averagePrecisionOf(scores),
      ece: ({ calibration }) => binnedCalibrationError(calibration),
      base_rate: baseRate,
      base_rate_log_loss: (sums) => { const rate = baseRate(sums); return rate.value === null ? rate : measured(entropy(rate.value)); },
    }),
  };
}

function binarySums({ labels, scores }: ScoredRows, only: ArrayLike<number> | undefined, threshold: number, bins: number, grid: number | null): BinarySums {
  checkPaired(labels, scores, 'labels and probabilities');
  const rows = only?.length ?? labels.length;
  const add = new Adder(TOTALS);
  const counts = { tp: 0, fp: 0, tn: 0, fn: 0 };
  const picked = { labels: new Float64Array(rows), scores: new Float64Array(rows) };
  const up: number[] = [];
  const down: number[] = [];
  for (let k = 0; k < rows; k += 1) {
    const row = only === undefined ? k : (only[k] as number);
    const label = labels[row] as number;
    const p = scores[row] as number;
    if ((label !== 0 && label !== 1) || !(p >= 0 && p <= 1)) throw new MettleError('INVALID_INPUT', 'labels are 0 or 1 and probabilities lie in [0, 1]', { row, label: String(label), probability: String(p) });
    const loss = LOSSES.log_loss.of(label, p);
    const brier = LOSSES.brier.of(label, p);
    add.add('logLoss', loss);
    add.add('logLossSquares', loss * loss);
    add.add('brier', brier);
    add.add('brierSquares', brier * brier);
    counts[p >= threshold ? (label === 1 ? 'tp' : 'fp') : label === 1 ? 'fn' : 'tn'] += 1;
    (label === 1 ? up : down).push(p);
    picked.labels[k] = label;
    picked.scores[k] = p;
  }
  return { v: 1, rows, threshold, confusion: counts, totals: add.totals(), calibration: calibrationBins(bins, picked.labels, picked.scores), scores: countScores(up, down, grid) };
}

/** Standard error of the mean of `rows` independent terms from Σ x and Σ x²; null below two rows. */
export function rowError(sum: Total, squares: Total, rows: number): number | null {
  if (rows < 2) return null;
  const mean = totalOf(sum) / rows;
  return Math.sqrt(Math.max(0, totalOf(squares) / rows - mean * mean) / (rows - 1));
}
