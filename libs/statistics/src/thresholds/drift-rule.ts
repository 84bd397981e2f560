import { checkAlpha, checkCounts, sumOf } from '../checks.ts';
import { energyDistance, wasserstein, wassersteinNormalised } from '../distances/wasserstein.ts';
import type { MergedBins } from '../merge-sparse.ts';
import { mergeSparse } from '../merge-sparse.ts';
import type { Measured, Method, ReasonCode } from '../method.ts';
import type { BinnedMeasure } from './measures.ts';
import type { NullLaw } from './null-law.ts';
import { nullPValue, nullThreshold } from './null-law.ts';
import type { ValueDistance } from './permutation-null.ts';
import { permutationNull } from './permutation-null.ts';
import type { Simulation } from './simulated-null.ts';
import { dealtNull } from './simulated-null.ts';

export const DRIFT_RULE: Method = { name: 'drift-rule', kind: 'two-sample-test', direction: 'larger', needs: 'counts', citation: 'Any distance against its own null law at (n, m, bins): chi-square (Yurdakul 2018) or dealt again (Phipson & Smyth 2010)' };

/** A distance judged at its own sample sizes. `drift` is null together with the value, and never true without a number. */
export type DriftResult =
  | { readonly value: number; readonly pValue: number; readonly threshold: number; readonly drift: boolean; readonly law: NullLaw; readonly bins: number; readonly reason: null }
  | { readonly value: null; readonly pValue: null; readonly threshold: null; readonly drift: null; readonly law: null; readonly bins: number; readonly reason: ReasonCode };

export interface DriftOptions {
  readonly alpha: number;
  /** Ordered bins merge with their neighbour, categories into one rest. */
  readonly ordered: boolean;
  readonly simulation: Simulation;
  /** `dealt` simulates the law on the bins as they are even where the measure has a limit that holds. */
  readonly how?: 'auto' | 'dealt';
}

const judged = (measured: Measured, law: NullLaw, alpha: number, bins: number): DriftResult => {
  if (measured.value === null) return { value: null, pValue: null, threshold: null, drift: null, law: null, bins, reason: measured.reason };
  const pValue = nullPValue(law, measured.value);
  return { value: measured.value, pValue, threshold: nullThreshold(law, alpha), drift: pValue <= alpha, law, bins, reason: null };
};

/** The table and its limit law where the measure has one that holds here, or merged bins on which to simulate it; else null. */
function limited(measure: BinnedMeasure, reference: readonly number[], current: readonly number[], { ordered, alpha, simulation }: DriftOptions): { table: MergedBins; bins: number; law: NullLaw } | null {
  const { limit } = measure;
  const n = sumOf(reference);
  const m = sumOf(current);
  if (limit === null || n === 0 || m === 0) return null;
  const { sparse, leastExpected, leastMean } = limit;
  const table = sparse === 'merge' ? mergeSparse(reference, current, { minExpected: leastExpected, ordered }) : { reference: [...reference], current: [...current] };
  const totals = table.reference.map((count, at) => count + (table.current[at] ?? 0)).filter((total) => total > 0);
  const bins = totals.length;
  if (bins < 2 || Math.min(...totals) * Math.min(n, m) < leastExpected * (n + m)) return null;
  // Which bins merge depends on their totals alone, so dealing merged bins is dealing rows. Where too few replicates could alarm, the limit stays.
  if (Math.min(n, m) < leastMean * bins && alpha * (1 + simulation.rounds) >= 1) return { table, bins, law: dealtNull([measure], table.reference, table.current, simulation)[0] ?? { how: 'none' } };
  return { table, bins, law: limit.law({ n, m, bins }) };
}

/**
 * Did the distribution over bins change, with a false-alarm rate of alpha at these sizes? One answer per measure; those
 * without a limit that holds are judged on the same deals. A pure function of counts and of the caller's chance; what to
 * keep between windows is the returned law.
 */
export function binnedDrifts(measures: readonly BinnedMeasure[], reference: readonly number[], current: readonly number[], options: DriftOptions): DriftResult[] {
  checkAlpha(options.alpha);
  checkCounts(reference, current);
  const limits = measures.map((measure) => (options.how === 'dealt' ? null : limited(measure, reference, current, options)));
  const simulated = measures.filter((_, at) => limits[at] === null);
  const laws = simulated.length === 0 ? [] : dealtNull(simulated, reference, current, options.simulation);
  const used = reference.filter((count, at) => count + (current[at] ?? 0) > 0).length;
  return measures.map((measure, at) => {
    const limit = limits[at] ?? null;
    if (limit !== null) return judged(measure.of(limit.table.reference, limit.table.current), limit.law, options.alpha, limit.bins);
    return judged(measure.of(reference, current), laws[simulated.indexOf(measure)] ?? { how: 'none' }, options.alpha, used);
  });
}

/** {@link binnedDrifts} of one measure. */
export const binnedDrift = (measure: BinnedMeasure, reference: readonly number[], current: readonly number[], options: DriftOptions): DriftResult => binnedDrifts([measure], reference, current, options)[0] as DriftResult;

/** The same question over values, judged by permutation: exact at any size and for any law of the values. */
export function valueDrifts(reference: ArrayLike<number>, current: ArrayLike<number>, options: { readonly alpha: number; readonly simulation: Simulation }): Readonly<Record<ValueDistance, DriftResult>> {
  checkAlpha(options.alpha);
  const laws = permutationNull(reference, current, options.simulation);
  return {
    'wasserstein-1': judged(wasserstein(reference, current), laws['wasserstein-1'], options.alpha, 0),
    'wasserstein-1-normalised': judged(wassersteinNormalised(reference, current), laws['wasserstein-1-normalised'], options.alpha, 0),
    energy: judged(energyDistance(reference, current), laws.energy, options.alpha, 0),
  };
}

/** {@link valueDrifts} of one distance. */
export const valueDrift = (distance: ValueDistance, reference: ArrayLike<number>, current: ArrayLike<number>, options: { readonly alpha: number; readonly simulation: Simulation }): DriftResult => valueDrifts(reference, current, options)[distance];
