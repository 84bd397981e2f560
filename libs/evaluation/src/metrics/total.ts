import { addExact, canonicalSum, exactValue, measured, mergeExact, unmeasured } from '@mettle/statistics';
import type { ExactSum } from '@mettle/statistics';
import type { Metric } from './metric.ts';

/** An exact sum of row terms, as JSON: equal for the same rows in whatever order and parts. */
export type Total = readonly number[];

/** Running exact sums under names; `totals` is their canonical, mergeable form. */
export class Adder<Name extends string> {
  private readonly sums: Record<Name, ExactSum>;

  constructor(names: readonly Name[]) {
    this.sums = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, ExactSum>;
  }

  add(name: Name, term: number): void {
    if (term !== 0) addExact(this.sums[name], term);
  }

  totals(): Record<Name, Total> {
    return Object.fromEntries(Object.entries<ExactSum>(this.sums).map(([name, sum]) => [name, canonicalSum(sum)])) as unknown as Record<Name, Total>;
  }
}

export const mergeTotals = (a: Total, b: Total): Total => mergeExact([...a], [...b]);

export const totalOf = (sum: Total): number => exactValue([...sum]);

/** The mean of `rows` terms; null without rows. */
export const meanOf = (sum: Total, rows: number): Metric => (rows === 0 ? unmeasured('EMPTY_SAMPLE') : measured(totalOf(sum) / rows));
