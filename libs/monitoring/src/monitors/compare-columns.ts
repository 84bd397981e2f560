import type { ColumnProfile } from '@mettle/contracts';
import { binnedKs, ksPValue, ksThreshold, mergeSparse, psi, psiPValue, psiThreshold } from '@mettle/statistics';

/** One distance between a reference and a current column, with the value that chance alone exceeds at rate alpha. */
export interface Distance {
  readonly value: number;
  readonly threshold: number;
  readonly pValue: number;
  readonly rows: { readonly reference: number; readonly current: number };
}

const MIN_EXPECTED = 5;

/** Fewest rows of either side that are worth a distance. */
export const LEAST_ROWS = 50;

/** [underflow, bins..., overflow] of numbers; [categories in the reference's order..., unseen] of categories. */
function counts(reference: ColumnProfile, of: ColumnProfile): number[] {
  if (reference.edges !== null) return [of.underflow, ...of.bins, of.overflow];
  return [...Object.keys(reference.categories ?? {}).map((name) => of.categories?.[name] ?? 0), of.unseen];
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/**
 * `psi` over merged bins with the missing values as one more bin, or `ks` over the present values of a numeric column.
 * null when either side is too small or the metric does not fit the column.
 * @see psiThreshold, ksPValue for what the thresholds promise: rows are taken as independent, so a floor on the effect belongs beside them
 */
export function compareColumns(metric: string, reference: ColumnProfile, current: ColumnProfile, alpha: number): Distance | null {
  const present = { reference: counts(reference, reference), current: counts(reference, current) };
  if (metric === 'ks') {
    const [n, m] = [total(present.reference), total(present.current)];
    if (reference.edges === null || Math.min(n, m) < LEAST_ROWS) return null;
    const value = binnedKs(present.reference, present.current) ?? 0;
    return { value, threshold: ksThreshold(n, m, alpha), pValue: ksPValue(value, n, m), rows: { reference: n, current: m } };
  }
  const withMissing = { reference: [...present.reference, reference.nulls + reference.nans], current: [...present.current, current.nulls + current.nans] };
  const [n, m] = [total(withMissing.reference), total(withMissing.current)];
  if (metric !== 'psi' || Math.min(n, m) < LEAST_ROWS) return null;
  const merged = mergeSparse(withMissing.reference, withMissing.current, { minExpected: MIN_EXPECTED, ordered: reference.edges !== null });
  const value = psi(merged.reference, merged.current) ?? 0;
  const sizes = { n, m, bins: merged.reference.length };
  // One bin left: nothing differs that could be seen.
  const threshold = sizes.bins < 2 ? 0 : psiThreshold(sizes, alpha);
  return { value, threshold, pValue: psiPValue(value, sizes), rows: { reference: n, current: m } };
}
