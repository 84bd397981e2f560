import { LARGEST_REGRESSION_VALUE, type LabelSpace, type Task } from '@mettle/contracts';
import { CLIP, parseMetric, rowLoss } from '@mettle/evaluation';

type Loss = (label: string, score: string, parameter: number) => string;

/** How the answers of a task are judged in SQL. */
interface TaskSql {
  /** The score of a row of the predictions table. */
  readonly score: string;
  /** Whether a score can be judged. */
  readonly usable: (score: string, classes: number) => string;
  /**
   * Losses are summed as integers of this size: the sum is the same whatever the order, the threads or the files. The
   * errors of a regression have no bound and no scale of their own: they get finer units and 128 bits.
   */
  readonly unit: number;
  readonly integer: 'BIGINT' | 'HUGEINT';
  /** By the name of the metric: the twins of `rowLoss` in @mettle/evaluation. */
  readonly losses: Readonly<Record<string, Loss>>;
}

const logOf = (p: string): string => `-ln(least(greatest(${p}, ${CLIP}), 1 - ${CLIP}))`;
const wrongHalf: Loss = (label, p) => `CASE WHEN (${p} >= 0.5) = (${label} = 1) THEN 0 ELSE 1 END`;
/** The predicted class is the first with the greatest probability. */
const wrongClass: Loss = (label, q) => `CASE WHEN list_position(${q}, list_max(${q})) - 1 = ${label} THEN 0 ELSE 1 END`;
const error: Loss = (label, p) => `abs(${p} - ${label})`;

const TASKS: Readonly<Record<Task, TaskSql>> = {
  binary: {
    score: 'p', usable: (p) => `${p} IS NOT NULL AND isfinite(${p})`, unit: 1e-9, integer: 'BIGINT',
    losses: {
      log_loss: (label, p) => logOf(`CASE WHEN ${label} = 1 THEN ${p} ELSE 1 - ${p} END`),
      brier: (label, p) => `(${p} - ${label}) * (${p} - ${label})`,
      zero_one: wrongHalf,
      accuracy: wrongHalf,
    },
  },
  multiclass: {
    score: 'CAST(probabilities AS DOUBLE[])', usable: (q, classes) => `coalesce(len(${q}) = ${classes}, false)`, unit: 1e-9, integer: 'BIGINT',
    losses: {
      log_loss: (label, q) => logOf(`${q}[CAST(${label} AS INTEGER) + 1]`),
      brier: (label, q) => `list_sum(list_transform(${q}, lambda x, i: (x - CASE WHEN i = ${label} + 1 THEN 1 ELSE 0 END) ** 2))`,
      zero_one: wrongClass,
      accuracy: wrongClass,
    },
  },
  regression: {
    score: 'p', usable: (p) => `${p} IS NOT NULL AND isfinite(${p}) AND abs(${p}) <= ${LARGEST_REGRESSION_VALUE}`, unit: 1e-12, integer: 'HUGEINT',
    losses: {
      mae: error,
      mse: (label, p) => `(${p} - ${label}) * (${p} - ${label})`,
      huber: (label, p, delta) => `CASE WHEN ${error(label, p, delta)} <= ${delta} THEN (${p} - ${label}) * (${p} - ${label}) / 2 ELSE ${delta} * (${error(label, p, delta)} - ${delta / 2}) END`,
      clipped_mae: (label, p, cap) => `least(${error(label, p, cap)}, ${cap})`,
      pinball: (label, p, level) => `CASE WHEN ${p} < ${label} THEN ${level} * (${label} - ${p}) ELSE ${1 - level} * (${p} - ${label}) END`,
    },
  },
  ranking: { score: 'NULL::DOUBLE', usable: () => 'false', unit: 1e-9, integer: 'BIGINT', losses: {} },
};

/** One metric of one task, over labels and scores in SQL. */
export interface LossSql {
  readonly metric: string;
  readonly direction: 'lower' | 'higher';
  /** Size of the integers that `units` gives. */
  readonly unit: number;
  /** The row's loss (lower is better, whatever the metric's direction) in whole units, of a label and a score that fit. */
  readonly units: (label: string, score: string) => string;
}

/** @throws MettleError INVALID_INPUT for a metric that is no mean of row losses of the task */
export function lossSql({ task, classes }: LabelSpace, metric: string): LossSql {
  const { direction } = rowLoss(task, metric, classes);
  const { name, parameter } = parseMetric(metric);
  const { unit, integer, losses } = TASKS[task];
  const loss = losses[name] as Loss;
  // Of all losses only pinball has a parameter that may be left out: the median's.
  return { metric, direction, unit, units: (label, score) => `CAST(round((${loss(label, score, parameter ?? 0.5)}) / ${unit}) AS ${integer})` };
}

/** How a task's score is read from the predictions table, and when it counts. */
export function scoreSql({ task, classes = 0 }: LabelSpace): { readonly score: string; readonly usable: (score: string) => string } {
  const { score, usable } = TASKS[task];
  return { score, usable: (of) => usable(of, classes) };
}
