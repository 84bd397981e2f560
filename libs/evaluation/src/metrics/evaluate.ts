import type { Task } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import type { BinaryOptions } from './binary.ts';
import { binaryEvaluator } from './binary.ts';
import type { Metric, ScoredRows } from './metric.ts';
import type { MulticlassOptions } from './multiclass.ts';
import { multiclassEvaluator } from './multiclass.ts';
import type { RankingOptions } from './ranking.ts';
import { rankingEvaluator } from './ranking.ts';
import type { RegressionOptions } from './regression.ts';
import { regressionEvaluator } from './regression.ts';

export type TaskOptions = BinaryOptions & Partial<MulticlassOptions> & RegressionOptions & RankingOptions;

/**
 * The named metrics of a set of rows; all of the task's without names.
 * @throws MettleError INVALID_INPUT for a metric that the task does not have, and for rows that are none of the task's
 */
export function evaluate(task: Task, rows: ScoredRows, options: TaskOptions = {}, metrics?: readonly string[]): Record<string, Metric> {
  const readAll = <Sums>(evaluator: { names: readonly string[]; sums: (rows: ScoredRows) => Sums; read: (sums: Sums, metric: string) => Metric }): Record<string, Metric> => {
    const sums = evaluator.sums(rows);
    return Object.fromEntries((metrics ?? evaluator.names).map((name) => [name, evaluator.read(sums, name)]));
  };
  switch (task) {
    case 'binary': return readAll(binaryEvaluator(options));
    case 'regression': return readAll(regressionEvaluator(options));
    case 'ranking': return readAll(rankingEvaluator(options));
    case 'multiclass': {
      const { classes, ...rest } = options;
      if (classes === undefined) throw new MettleError('INVALID_INPUT', 'multiclass metrics need the number of classes', { task });
      return readAll(multiclassEvaluator({ ...rest, classes }));
    }
  }
}
