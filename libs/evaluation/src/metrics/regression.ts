import { MettleError } from '@mettle/contracts';
import { addExact, addSquare, canonicalSum, checkPaired, checkPositive, checkRange, measured, squaredDeviations, unmeasured } from '@mettle/statistics';
import type { ExactSum } from '@mettle/statistics';
import { LARGEST_VALUE, absoluteLoss, clippedLoss, huberLoss, squaredLoss } from '../regression-loss.ts';
import type { Evaluator, Metric, ScoredRows } from './metric.ts';
import { checkSame, reading } from './metric.ts';
import { Adder, meanOf, mergeTotals, totalOf } from './total.ts';
import type { Total } from './total.ts';

/** scikit-learn's smallest denominator of MAPE. Labels below it in size count as zero. */
const EPSILON = Number.EPSILON;

export interface RegressionOptions {
  /** What MAPE does with labels of zero: `refuse` (null, unless said), `skip` (the mean over the others), `epsilon` (divide by 2.2e-16, as scikit-learn). */
  readonly zeros?: 'refuse' | 'skip' | 'epsilon';
  /** Where Huber's loss turns from squared to linear, in units of the label; without it there is no `huber`. */
  readonly delta?: number;
  /** Largest absolute error that counts, in units of the label; without it there is no `clipped_mae`. */
  readonly cap?: number;
}

/** Everything that the regression metrics need of a set of rows; JSON. */
export interface RegressionSums {
  readonly v: 1;
  readonly rows: number;
  readonly delta: number | null;
  readonly cap: number | null;
  /** Rows with a label or prediction beyond 1e140 in size; with any, every metric is null. */
  readonly beyond: number;
  /** Labels that count as zero. */
  readonly zeros: number;
  /** Σ of what predictions are over and under their labels, of squared, Huber and clipped losses, |error / label|, |error| at zero labels. */
  readonly totals: Readonly<Record<(typeof TOTALS)[number], Total>>;
  /** Exact Σ label and Σ label². */
  readonly labels: Total;
  readonly labelSquares: Total;
}

const TOTALS = ['over', 'under', 'squared', 'huber', 'clipped', 'relative', 'zeroErrors'] as const;

/** Of finite values. @throws MettleError INVALID_INPUT for NaN and infinities, and for huber and clipped_mae without their parameter */
export function regressionEvaluator(options: RegressionOptions = {}): Evaluator<RegressionSums> {
  const { zeros = 'refuse', delta = null, cap = null } = options;
  if (delta !== null) checkPositive(delta, 'delta');
  if (cap !== null) checkPositive(cap, 'cap');
  const within = (of: (sums: RegressionSums, parameter: number | null) => Metric) => (sums: RegressionSums, parameter: number | null): Metric =>
    sums.rows === 0 ? unmeasured('EMPTY_SAMPLE') : sums.beyond > 0 ? unmeasured('OUT_OF_REACH') : of(sums, parameter);
  const mean = (name: (typeof TOTALS)[number]) => within(({ totals, rows }) => meanOf(totals[name], rows));
  return {
    sums: (rows, only) => regressionSums(rows, only, delta, cap),
    merge: (a, b) => {
      checkSame(a.delta, b.delta, 'delta');
      checkSame(a.cap, b.cap, 'cap');
      return {
        v: 1, rows: a.rows + b.rows, delta: a.delta, cap: a.cap, beyond: a.beyond + b.beyond, zeros: a.zeros + b.zeros,
        totals: Object.fromEntries(TOTALS.map((name) => [name, mergeTotals(a.totals[name], b.totals[name])])) as RegressionSums['totals'],
        labels: mergeTotals(a.labels, b.labels), labelSquares: mergeTotals(a.labelSquares, b.labelSquares),
      };
    },
    ...reading<RegressionSums>('regression', {
      mae: within(({ totals, rows }) => measured((totalOf(totals.over) + totalOf(totals.under)) / rows)),
      mse: mean('squared'),
      rmse: within(({ totals, rows }) => measured(Math.sqrt(totalOf(totals.squared) / rows))),
      /** Mean of prediction - label. */
      bias: within(({ totals, rows }) => measured((totalOf(totals.over) - totalOf(totals.under)) / rows)),
      mape: within((sums) => mape(sums, zeros)),
      r2: within(r2),
      /** Standard deviation of the labels: the rmse of their mean as a forecast, and a unit for what is measured in the label's own. */
      label_deviation: within(({ rows, labels, labelSquares }) => measured(Math.sqrt(squaredDeviations(rows, labels, labelSquares) / rows))),
      /** `pinball@0.9`: the loss of a 0.9-quantile forecast; the median's unless said. */
      pinball: within(({ totals, rows }, level) => {
        const q = level ?? 0.5;
        checkRange(q, 'quantile level', 0, 1);
        return measured((q * totalOf(totals.under) + (1 - q) * totalOf(totals.over)) / rows);
      }),
      ...(delta === null ? {} : { huber: mean('huber') }),
      ...(cap === null ? {} : { clipped_mae: mean('clipped') }),
    }),
  };
}

function mape({ totals, rows, zeros }: RegressionSums, rule: 'refuse' | 'skip' | 'epsilon'): Metric {
  if (rule === 'epsilon') return measured((totalOf(totals.relative) + totalOf(totals.zeroErrors) / EPSILON) / rows);
  return (rule === 'refuse' && zeros > 0) || rows === zeros ? unmeasured('ZERO_LABELS') : meanOf(totals.relative, rows - zeros);
}

/** 1 - Σ error² / Σ (label - mean)²; null for labels that do not vary. */
function r2({ totals, rows, labels, labelSquares }: RegressionSums): Metric {
  if (rows < 2) return unmeasured('TOO_FEW_VALUES');
  const spread = squaredDeviations(rows, labels, labelSquares);
  return spread > 0 ? measured(1 - totalOf(totals.squared) / spread) : unmeasured('NO_VARIANCE');
}

function regressionSums({ labels, scores }: ScoredRows, only: ArrayLike<number> | undefined, delta: number | null, cap: number | null): RegressionSums {
  checkPaired(labels, scores, 'labels and predictions');
  const rows = only?.length ?? labels.length;
  const add = new Adder(TOTALS);
  const sum: ExactSum = [];
  const squares: ExactSum = [];
  let beyond = 0;
  let zeros = 0;
  for (let k = 0; k < rows; k += 1) {
    const row = only === undefined ? k : (only[k] as number);
    const label = labels[row] as number;
    const score = scores[row] as number;
    if (!Number.isFinite(label) || !Number.isFinite(score)) throw new MettleError('INVALID_INPUT', 'labels and predictions are finite', { row, label: String(label), prediction: String(score) });
    if (Math.max(Math.abs(label), Math.abs(score)) > LARGEST_VALUE) { beyond += 1; continue; }
    const size = absoluteLoss(label, score);
    add.add(score > label ? 'over' : 'under', size);
    add.add('squared', squaredLoss(label, score));
    if (delta !== null) add.add('huber', huberLoss(label, score, delta));
    if (cap !== null) add.add('clipped', clippedLoss(label, score, cap));
    if (Math.abs(label) < EPSILON) { zeros += 1; add.add('zeroErrors', size); } else add.add('relative', size / Math.abs(label));
    addExact(sum, label);
    addSquare(squares, label);
  }
  return { v: 1, rows, delta, cap, beyond, zeros, totals: add.totals(), labels: canonicalSum(sum), labelSquares: canonicalSum(squares) };
}
