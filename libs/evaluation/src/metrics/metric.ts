import { MettleError } from '@mettle/contracts';
import { measured, unmeasured } from '@mettle/statistics';
import type { Measured } from '@mettle/statistics';

/** A metric's value, or null with the reason: never NaN. */
export type Metric = Measured;

/** part / whole, or null with `reason` when the whole is zero. */
export const ratio = (part: number, whole: number, reason: Parameters<typeof unmeasured>[0]): Metric => (whole > 0 ? measured(part / whole) : unmeasured(reason));

/** Rows of a task, column by column. */
export interface ScoredRows {
  /** binary: 0 or 1; multiclass: the class, from 0; regression: the value; ranking: relevance, at least 0. */
  readonly labels: ArrayLike<number>;
  /** binary: P(1); multiclass: P(class), row after row; regression: the prediction; ranking: the score. */
  readonly scores: ArrayLike<number>;
  /** ranking only: the query of each row. */
  readonly queries?: ArrayLike<string | number>;
}

/**
 * The metrics of one task from sufficient statistics that merge: `merge` is associative and commutative to the bit, so a
 * day is counted once and a month is a merge of its days.
 */
export interface Evaluator<Sums> {
  /** Statistics of the rows (of those that `only` lists). @throws MettleError INVALID_INPUT */
  readonly sums: (rows: ScoredRows, only?: ArrayLike<number>) => Sums;
  readonly merge: (a: Sums, b: Sums) => Sums;
  /** What may be read; `name@x` sets the parameter of a metric that has one. */
  readonly names: readonly string[];
  /** @throws MettleError INVALID_INPUT for a metric that the task does not have */
  readonly read: (sums: Sums, metric: string) => Metric;
}

/** How one metric is read; `parameter` is what stands behind `@`, null without it. */
export type Readers<Sums> = Readonly<Record<string, (sums: Sums, parameter: number | null) => Metric>>;

/** `name@x` taken apart. @throws MettleError INVALID_INPUT when x is no number */
export function parseMetric(metric: string): { name: string; parameter: number | null } {
  const [name = '', text] = metric.split('@');
  const parameter = text === undefined ? null : Number(text);
  if (parameter !== null && (text?.trim() === '' || !Number.isFinite(parameter))) throw new MettleError('INVALID_INPUT', 'the parameter of a metric is a number', { metric });
  return { name, parameter };
}

/** The reading half of an evaluator. */
export function reading<Sums>(task: string, readers: Readers<Sums>): Pick<Evaluator<Sums>, 'names' | 'read'> {
  const names = Object.keys(readers);
  return {
    names,
    read: (sums, metric) => {
      const { name, parameter } = parseMetric(metric);
      const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
      if (reader === undefined) throw new MettleError('INVALID_INPUT', `the task ${task} has no metric '${name}'`, { task, metric, known: names });
      return reader(sums, parameter);
    },
  };
}

/** @throws MettleError INVALID_INPUT when sums of different settings meet */
export function checkSame(a: unknown, b: unknown, setting: string): void {
  if (a !== b) throw new MettleError('INVALID_INPUT', `sums of different ${setting} do not merge`, { first: String(a), second: String(b) });
}
