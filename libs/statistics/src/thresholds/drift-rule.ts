import { checkAlpha, checkCounts, sumOf } from '../checks.ts';
import { energyDistance, wasserstein, wassersteinNormalised } from '../distances/wasserstein.ts';
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

/**
 * Did the distribution over bins change, with a false-alarm rate of alpha at these sizes? A pure function of counts and
 * of the caller's chance; what to keep between windows is the returned law.
 */
export function binnedDrift(measure: BinnedMeasure, reference: readonly number[], current: readonly number[], options: DriftOptions): DriftResult {
  checkAlpha(options.alpha);
  checkCounts(reference, current);
  const n = sumOf(reference);
  const m = sumOf(current);
  const { limit } = measure;
  if (limit !== null && options.how !== 'dealt' && n > 0 && m > 0) {
    const { sparse, leastExpected } = limit;
    const table = sparse === 'merge' ? mergeSparse(reference, current, { minExpected: leastExpected, ordered: options.ordered }) : { reference, current };
    const totals = table.reference.map((count, at) => count + (table.current[at] ?? 0)).filter((total) => total > 0);
    const bins = totals.length;
    if (bins >= 2 && Math.min(...totals) * Math.min(n, m) >= leastExpected * (n + m)) return judged(measure.of(table.reference, table.current), limit.law({ n, m, bins }), options.alpha, bins);
  }
  const used = reference.filter((count, at) => count + (current[at] ?? 0) > 0).length;
  const [law = { how: 'none' } as const] = dealtNull([measure], reference, current, options.simulation);
  return judged(measure.of(reference, current), law, options.alpha, used);
}

const VALUE_DISTANCES: Readonly<Record<ValueDistance, (x: ArrayLike<number>, y: ArrayLike<number>) => Measured>> = { 'wasserstein-1': wasserstein, 'wasserstein-1-normalised': wassersteinNormalised, energy: energyDistance };

/** The same question over values, judged by permutation: exact at any size and for any law of the values. */
export function valueDrift(distance: ValueDistance, reference: ArrayLike<number>, current: ArrayLike<number>, options: { readonly alpha: number; readonly simulation: Simulation }): DriftResult {
  checkAlpha(options.alpha);
  return judged(VALUE_DISTANCES[distance](reference, current), permutationNull(reference, current, options.simulation)[distance], options.alpha, 0);
}
