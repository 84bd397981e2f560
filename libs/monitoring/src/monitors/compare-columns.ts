import type { ColumnProfile, DriftMetric } from '@mettle/contracts';
import {
  CRAMERS_V_MEASURE, HELLINGER_MEASURE, L_INFINITY_MEASURE, TOTAL_VARIATION_MEASURE, binnedDrift, binnedKs, createRandom, jensenShannonMeasure, klMeasure, ksPValue, ksThreshold, psiMeasure,
} from '@mettle/statistics';
import type { BinnedMeasure } from '@mettle/statistics';

/** One distance between a reference and a current column, with the value that chance alone exceeds at rate alpha. */
export interface Distance {
  readonly value: number;
  readonly threshold: number;
  readonly pValue: number;
  readonly rows: { readonly reference: number; readonly current: number };
}

export interface Comparison {
  readonly alpha: number;
  /** Columns that are judged together: a p-value must be able to hold against all of them. */
  readonly columns: number;
  /** Of the deals, where a law is simulated: the same seed gives the same p-value. */
  readonly seed: number;
}

/** Fewest rows of either side that are worth a distance. */
export const LEAST_ROWS = 50;
/** Beyond, a simulated p-value costs seconds a column. */
const MOST_ROUNDS = 20_000;

const MEASURES: Readonly<Record<Exclude<DriftMetric, 'ks'>, BinnedMeasure>> = {
  psi: psiMeasure(), 'jensen-shannon': jensenShannonMeasure(2), 'kullback-leibler': klMeasure(), hellinger: HELLINGER_MEASURE, 'cramers-v': CRAMERS_V_MEASURE, 'total-variation': TOTAL_VARIATION_MEASURE, 'l-infinity': L_INFINITY_MEASURE,
};

/** [underflow, bins..., overflow] of numbers; [categories in the reference's order..., unseen] of categories. */
function counts(reference: ColumnProfile, of: ColumnProfile): number[] {
  if (reference.edges !== null) return [of.underflow, ...of.bins, of.overflow];
  return [...Object.keys(reference.categories ?? {}).map((name) => of.categories?.[name] ?? 0), of.unseen];
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/**
 * A distance over bins, with the missing values as one more bin; `ks` over the present values of a numeric column.
 * null when either side is too small or the metric does not fit the column.
 * @see binnedDrift, ksPValue for what the thresholds promise: rows are taken as independent, so a floor on the effect belongs beside them
 */
export function compareColumns(metric: DriftMetric, reference: ColumnProfile, current: ColumnProfile, { alpha, columns, seed }: Comparison): Distance | null {
  const present = { reference: counts(reference, reference), current: counts(reference, current) };
  if (metric === 'ks') {
    const [n, m] = [total(present.reference), total(present.current)];
    if (reference.edges === null || Math.min(n, m) < LEAST_ROWS) return null;
    const value = binnedKs(present.reference, present.current) ?? 0;
    return { value, threshold: ksThreshold(n, m, alpha), pValue: ksPValue(value, n, m), rows: { reference: n, current: m } };
  }
  const withMissing = { reference: [...present.reference, reference.nulls + reference.nans], current: [...present.current, current.nulls + current.nans] };
  const [n, m] = [total(withMissing.reference), total(withMissing.current)];
  if (Math.min(n, m) < LEAST_ROWS) return null;
  const rounds = Math.min(MOST_ROUNDS, Math.ceil(Math.max(1, columns) / alpha));
  const found = binnedDrift(MEASURES[metric], withMissing.reference, withMissing.current, { alpha, ordered: reference.edges !== null, simulation: { random: createRandom(seed), rounds } });
  if (found.value === null) return null;
  // One bin left: nothing differs that could be seen.
  return { value: found.value, threshold: Number.isFinite(found.threshold) ? found.threshold : 0, pValue: found.pValue, rows: { reference: n, current: m } };
}
