import type { Task } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import { checkPositive, checkRange } from '@mettle/statistics';
import { CLIP, LOSSES } from './loss.ts';
import { parseMetric } from './metrics/metric.ts';
import { LARGEST_VALUE, absoluteLoss, clippedLoss, huberLoss, pinballLoss, squaredLoss } from './regression-loss.ts';

/** A loss of single rows, lower is better, whose mean is the metric (or 1 - it): what slots can carry and a paired comparison can test. */
export interface RowLoss {
  readonly metric: string;
  /** In which direction the metric itself is better. */
  readonly direction: 'lower' | 'higher';
  /** The largest value, or null when there is none: sequences for bounded losses need it. */
  readonly largest: number | null;
  /** @throws MettleError INVALID_INPUT for a label or score that is none of the task's: a missing label is no loss */
  readonly of: (labels: ArrayLike<number>, scores: ArrayLike<number>, row: number) => number;
}

type Pointwise = (label: number, score: number) => number;
type Make = (parameter: number | null) => Omit<RowLoss, 'metric'>;

const refuse = (row: number, label: unknown, score: unknown): never => {
  throw new MettleError('INVALID_INPUT', 'no label or score of this task: pair rows that both models scored and that have a label', { row, label: String(label), score: String(score) });
};
const isShare = (p: number): boolean => p >= 0 && p <= 1;
const ofPoint = (largest: number | null, of: Pointwise, valid: (label: number, score: number) => boolean): Omit<RowLoss, 'metric'> => ({
  direction: 'lower', largest,
  of: (labels, scores, row) => {
    const label = labels[row] as number;
    const score = scores[row] as number;
    return valid(label, score) ? of(label, score) : refuse(row, label, score);
  },
});
const lower = (largest: number | null, of: Pointwise): Omit<RowLoss, 'metric'> => ofPoint(largest, of, (label, score) => Math.abs(label) <= LARGEST_VALUE && Math.abs(score) <= LARGEST_VALUE);
const need = (parameter: number | null, name: string): number => {
  if (parameter === null) throw new MettleError('INVALID_INPUT', `'${name}' needs its parameter: ${name}@x`, { metric: name });
  checkPositive(parameter, name);
  return parameter;
};
const binary = (name: keyof typeof LOSSES): Make => () => ofPoint(LOSSES[name].largest, LOSSES[name].of, (label, p) => (label === 0 || label === 1) && isShare(p));

const BINARY: Readonly<Record<string, Make>> = {
  log_loss: binary('log_loss'), brier: binary('brier'), zero_one: binary('zero_one'),
  accuracy: (parameter) => ({ ...binary('zero_one')(parameter), direction: 'higher' }),
};
const REGRESSION: Readonly<Record<string, Make>> = {
  mae: () => lower(null, absoluteLoss),
  mse: () => lower(null, squaredLoss),
  huber: (delta) => { const at = need(delta, 'huber'); return lower(null, (label, score) => huberLoss(label, score, at)); },
  clipped_mae: (cap) => { const at = need(cap, 'clipped_mae'); return lower(at, (label, score) => clippedLoss(label, score, at)); },
  pinball: (level) => { const q = level ?? 0.5; checkRange(q, 'quantile level', 0, 1); return lower(null, (label, score) => pinballLoss(label, score, q)); },
};

function multiclass(classes: number): Readonly<Record<string, Make>> {
  const check = (labels: ArrayLike<number>, scores: ArrayLike<number>, row: number): void => {
    const label = labels[row] as number;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) refuse(row, label, scores[row * classes]);
    for (let which = 0; which < classes; which += 1) if (!isShare(scores[row * classes + which] as number)) refuse(row, label, scores[row * classes + which]);
  };
  const checked = (largest: number, of: RowLoss['of'], direction: RowLoss['direction'] = 'lower'): Omit<RowLoss, 'metric'> => ({ direction, largest, of: (labels, scores, row) => { check(labels, scores, row); return of(labels, scores, row); } });
  const wrong: RowLoss['of'] = (labels, scores, row) => {
    let best = 0;
    for (let which = 1; which < classes; which += 1) if ((scores[row * classes + which] as number) > (scores[row * classes + best] as number)) best = which;
    return best === labels[row] ? 0 : 1;
  };
  return {
    log_loss: () => checked(-Math.log(CLIP), (labels, scores, row) => -Math.log(Math.min(Math.max(scores[row * classes + (labels[row] as number)] as number, CLIP), 1 - CLIP))),
    brier: () => checked(2, (labels, scores, row) => {
      let sum = 0;
      for (let which = 0; which < classes; which += 1) sum += ((scores[row * classes + which] as number) - (which === labels[row] ? 1 : 0)) ** 2;
      return sum;
    }),
    zero_one: () => checked(1, wrong),
    accuracy: () => checked(1, wrong, 'higher'),
  };
}

const tableOf = (task: Task, classes: number): Readonly<Record<string, Make>> => (task === 'binary' ? BINARY : task === 'regression' ? REGRESSION : task === 'multiclass' ? multiclass(classes) : {});

/**
 * The row loss behind a metric of a task; null for a metric that is no mean of row losses.
 * @throws MettleError INVALID_INPUT for a parameter that is missing or out of range
 */
export function findRowLoss(task: Task, metric: string, classes = 2): RowLoss | null {
  const { name, parameter } = parseMetric(metric);
  const table = tableOf(task, classes);
  const make = Object.hasOwn(table, name) ? table[name] : undefined;
  return make === undefined ? null : { metric, ...make(parameter) };
}

/**
 * The row loss behind a metric of a task: `mae`, `huber@15`, `pinball@0.9`, `log_loss` ...
 * @throws MettleError INVALID_INPUT for a metric that the task does not have or that is no mean of row losses (AUC, R², RMSE, NDCG)
 */
export function rowLoss(task: Task, metric: string, classes = 2): RowLoss {
  const found = findRowLoss(task, metric, classes);
  if (found === null) throw new MettleError('INVALID_INPUT', `'${metric}' is no mean of row losses of the task ${task}`, { task, metric, known: Object.keys(tableOf(task, classes)) });
  return found;
}
