import { MettleError } from '@mettle/contracts';
import { checkWhole, measured, unmeasured } from '@mettle/statistics';
import { CLIP } from '../loss.ts';
import type { Confusion } from './confusion.ts';
import { fBetaOf, precisionOf, recallOf } from './confusion.ts';
import type { Evaluator, Metric, ScoredRows } from './metric.ts';
import { checkSame, ratio, reading } from './metric.ts';
import type { ScoreCounts } from './score-counts.ts';
import { aucOf, countScores, mergeScoreCounts } from './score-counts.ts';
import { Adder, meanOf, mergeTotals } from './total.ts';
import type { Total } from './total.ts';

/** How far a row's probabilities may sum from 1: single precision over many classes. They are not rescaled. */
export const SUM_TOLERANCE = 1e-4;

export interface MulticlassOptions { readonly classes: number; readonly grid?: number | null }

/** Everything that the multiclass metrics need of a set of rows; JSON. */
export interface MulticlassSums {
  readonly v: 1;
  readonly classes: number;
  readonly rows: number;
  /** label x classes + predicted; the predicted class is the first with the greatest probability. */
  readonly confusion: readonly number[];
  readonly totals: Readonly<Record<'logLoss' | 'brier', Total>>;
  /** One class against the rest, per class. */
  readonly scores: readonly ScoreCounts[];
}

/** The counts of one class against the rest. */
export function confusionOf({ classes, confusion, rows }: MulticlassSums, which: number): Confusion {
  let tp = 0, fp = 0, fn = 0;
  for (let other = 0; other < classes; other += 1) {
    const predicted = confusion[other * classes + which] as number;
    if (other === which) { tp = predicted; continue; }
    fp += predicted;
    fn += confusion[which * classes + other] as number;
  }
  return { tp, fp, fn, tn: rows - tp - fp - fn };
}

type OfConfusion = (confusion: Confusion) => Metric;

/**
 * Averages as scikit-learn's: over the classes that a row has or is given; a class whose own value is undefined counts
 * as 0 (its zero_division). `weighted`: by the class's rows. `micro`: over all rows, which is the accuracy.
 */
function averaged(sums: MulticlassSums, of: OfConfusion, average: 'macro' | 'weighted' | 'micro'): Metric {
  if (sums.rows === 0) return unmeasured('EMPTY_SAMPLE');
  const present = Array.from({ length: sums.classes }, (_, which) => confusionOf(sums, which)).filter(({ tp, fp, fn }) => tp + fp + fn > 0);
  if (average === 'micro') {
    const hits = present.reduce((sum, one) => sum + one.tp, 0);
    return of({ tp: hits, fp: sums.rows - hits, fn: sums.rows - hits, tn: 0 });
  }
  const weight = (one: Confusion): number => (average === 'macro' ? 1 : one.tp + one.fn);
  return measured(present.reduce((sum, one) => sum + weight(one) * (of(one).value ?? 0), 0) / present.reduce((sum, one) => sum + weight(one), 0));
}

/** AUC of each class against the rest, averaged plainly or by the class's rows; null while a class has no row. */
function ovrAuc(sums: MulticlassSums, weighted: boolean): Metric {
  let sum = 0;
  for (let which = 0; which < sums.classes; which += 1) {
    const auc = aucOf(sums.scores[which] as ScoreCounts);
    if (auc.value === null) return auc;
    const { tp, fn } = confusionOf(sums, which);
    sum += auc.value * (weighted ? (tp + fn) / sums.rows : 1 / sums.classes);
  }
  return measured(sum);
}

/** Of classes 0 .. classes - 1 and a probability for each, row after row. */
export function multiclassEvaluator(options: MulticlassOptions): Evaluator<MulticlassSums> {
  const { classes, grid = null } = options;
  checkWhole(classes, 'classes', 2);
  const f = (beta: number | null): OfConfusion => (confusion) => fBetaOf(confusion, beta ?? 1);
  return {
    sums: (rows, only) => multiclassSums(rows, only, classes, grid),
    merge: (a, b) => {
      checkSame(a.classes, b.classes, 'classes');
      return {
        v: 1, classes: a.classes, rows: a.rows + b.rows, confusion: a.confusion.map((count, at) => count + (b.confusion[at] ?? 0)),
        totals: { logLoss: mergeTotals(a.totals.logLoss, b.totals.logLoss), brier: mergeTotals(a.totals.brier, b.totals.brier) },
        scores: a.scores.map((counts, at) => mergeScoreCounts(counts, b.scores[at] as ScoreCounts)),
      };
    },
    ...reading<MulticlassSums>('multiclass', {
      log_loss: ({ totals, rows }) => meanOf(totals.logLoss, rows),
      /** Σ over classes of (p - [label is the class])², in [0, 2]. */
      brier: ({ totals, rows }) => meanOf(totals.brier, rows),
      accuracy: (sums) => ratio(Array.from({ length: classes }, (_, which) => sums.confusion[which * classes + which] as number).reduce((sum, one) => sum + one, 0), sums.rows, 'EMPTY_SAMPLE'),
      precision_macro: (sums) => averaged(sums, precisionOf, 'macro'),
      precision_weighted: (sums) => averaged(sums, precisionOf, 'weighted'),
      recall_macro: (sums) => averaged(sums, recallOf, 'macro'),
      recall_weighted: (sums) => averaged(sums, recallOf, 'weighted'),
      f_beta_macro: (sums, beta) => averaged(sums, f(beta), 'macro'),
      f_beta_weighted: (sums, beta) => averaged(sums, f(beta), 'weighted'),
      f_beta_micro: (sums, beta) => averaged(sums, f(beta), 'micro'),
      auc_ovr_macro: (sums) => ovrAuc(sums, false),
      auc_ovr_weighted: (sums) => ovrAuc(sums, true),
    }),
  };
}

function multiclassSums({ labels, scores }: ScoredRows, only: ArrayLike<number> | undefined, classes: number, grid: number | null): MulticlassSums {
  if (scores.length !== labels.length * classes) throw new MettleError('INVALID_INPUT', 'one probability per row and class', { labels: labels.length, classes, probabilities: scores.length });
  const rows = only?.length ?? labels.length;
  const add = new Adder(['logLoss', 'brier']);
  const confusion = new Array<number>(classes * classes).fill(0);
  const up: number[][] = Array.from({ length: classes }, () => []);
  const down: number[][] = Array.from({ length: classes }, () => []);
  for (let k = 0; k < rows; k += 1) {
    const row = only === undefined ? k : (only[k] as number);
    const label = labels[row] as number;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) throw new MettleError('INVALID_INPUT', 'a label is the number of a class', { row, label: String(label), classes });
    const from = row * classes;
    let best = 0;
    let sum = 0;
    let brier = 0;
    for (let which = 0; which < classes; which += 1) {
      const p = scores[from + which] as number;
      if (!(p >= 0 && p <= 1)) throw new MettleError('INVALID_INPUT', 'probabilities lie in [0, 1]', { row, class: which, probability: String(p) });
      sum += p;
      brier += (p - (which === label ? 1 : 0)) ** 2;
      if (p > (scores[from + best] as number)) best = which;
      ((which === label ? up[which] : down[which]) as number[]).push(p);
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) throw new MettleError('INVALID_INPUT', 'the probabilities of a row sum to 1', { row, sum });
    add.add('brier', brier);
    add.add('logLoss', -Math.log(Math.min(Math.max(scores[from + label] as number, CLIP), 1 - CLIP)));
    confusion[label * classes + best] = (confusion[label * classes + best] as number) + 1;
  }
  return { v: 1, classes, rows, confusion, totals: add.totals(), scores: up.map((positive, which) => countScores(positive, down[which] as number[], grid)) };
}
