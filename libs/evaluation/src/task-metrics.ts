import type { LabelSpace, MetricValue, Task } from '@mettle/contracts';
import { binaryMetrics } from './binary-metrics.ts';
import { binaryEvaluator } from './metrics/binary.ts';
import { evaluate } from './metrics/evaluate.ts';
import type { ScoredRows } from './metrics/metric.ts';
import { parseMetric } from './metrics/metric.ts';
import { multiclassEvaluator } from './metrics/multiclass.ts';
import { rankingEvaluator } from './metrics/ranking.ts';
import { regressionEvaluator } from './metrics/regression.ts';
import type { RowLoss } from './row-loss.ts';
import { findRowLoss } from './row-loss.ts';

/**
 * What a model's record says of a set of labelled rows: every metric of its task, and those that `also` names
 * (`pinball@0.9`, `huber@15`). Empty for no rows; a metric that these rows do not have (AUC of one class) is left out.
 * Standard errors treat rows as independent: a description, never a decision (see slot series); null where there is none.
 * @throws MettleError INVALID_INPUT for labels and scores that are none of the task's, and for a metric that it does not have
 */
export function taskMetrics(space: LabelSpace, rows: ScoredRows, also: readonly string[] = []): Record<string, MetricValue> {
  if (rows.labels.length === 0) return {};
  const found = space.task === 'binary' ? binaryMetrics(rows.labels, rows.scores) : described(space, rows);
  for (const metric of also) {
    if (metric in found) continue;
    const loss = findRowLoss(space.task, metric, space.classes);
    // Where more is better the evaluator has the metric itself.
    if (loss?.direction === 'lower') found[metric] = meanLoss(loss, rows);
    else Object.assign(found, described(space, rows, [metric]));
  }
  return found;
}

/** The task's metrics, or those named, as its evaluator reads them. */
function described({ task, classes }: LabelSpace, rows: ScoredRows, named?: readonly string[]): Record<string, MetricValue> {
  const values = evaluate(task, rows, classes === undefined ? {} : { classes }, named);
  return Object.fromEntries(Object.entries(values).flatMap(([metric, { value }]) => {
    if (value === null) return [];
    const loss = findRowLoss(task, metric, classes);
    return [[metric, { value, standardError: loss === null ? null : meanLoss(loss, rows).standardError, rows: rows.labels.length }]];
  }));
}

/** The mean of a row loss, with the standard error of independent rows (which is also that of 1 - it). */
function meanLoss({ of }: RowLoss, { labels, scores }: ScoredRows): MetricValue {
  const rows = labels.length;
  let mean = 0;
  let squares = 0;
  // Welford: errors of a regression may be large and alike.
  for (let row = 0; row < rows; row += 1) {
    const loss = of(labels, scores, row);
    const step = loss - mean;
    mean += step / (row + 1);
    squares += step * (loss - mean);
  }
  return { value: mean, standardError: rows < 2 ? null : Math.sqrt(squares / (rows - 1) / rows), rows };
}

/** The power of the label's unit that a metric has; 0 for shares, nats and ratios. */
const POWERS: Readonly<Record<string, number>> = { mae: 1, rmse: 1, bias: 1, pinball: 1, clipped_mae: 1, label_deviation: 1, mse: 2, huber: 2 };

/**
 * The size by which a difference of a metric is to be judged: 1 for shares and nats; for what is measured in the label's
 * unit, that much of the labels' standard deviation, so that minutes and seconds are judged alike.
 * @param metrics metrics of the same rows, `label_deviation` among them where the task has it
 */
export function labelUnits(metric: string, metrics: Readonly<Record<string, MetricValue>>): number {
  const deviation = metrics['label_deviation']?.value ?? 0;
  const power = POWERS[parseMetric(metric).name] ?? 0;
  return power === 0 || deviation === 0 ? 1 : deviation ** power;
}

/** Whether {@link taskMetrics} can give a metric of that name for rows of the task. @throws MettleError INVALID_INPUT for a parameter that is no number or out of range */
export const hasMetric = ({ task, classes }: LabelSpace, metric: string): boolean =>
  findRowLoss(task, metric, classes) !== null || namesOf(task, classes).includes(parseMetric(metric).name);

function namesOf(task: Task, classes = 3): readonly string[] {
  switch (task) {
    case 'binary': return binaryEvaluator().names;
    case 'multiclass': return multiclassEvaluator({ classes }).names;
    case 'regression': return regressionEvaluator().names;
    case 'ranking': return rankingEvaluator().names;
  }
}
