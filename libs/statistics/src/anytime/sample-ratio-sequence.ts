import { MettleError } from '@mettle/contracts';
import type { Method, ReasonCode } from '../method.ts';
import { sampleRatioEValue } from '../sample-ratio.ts';

export const SAMPLE_RATIO: Method = { name: 'sample-ratio-mismatch', kind: 'anytime-valid', direction: 'larger', needs: 'counts', citation: 'Lindon & Malek (2022), Dirichlet-multinomial mixture' };

/** JSON. Counts are of first exposures per unit, never of requests; `largest` is the largest evidence at any look. */
export interface SampleRatioState { readonly v: 1; readonly shares: readonly number[]; readonly concentration: number; readonly counts: readonly number[]; readonly largest: number }

/** @throws MettleError INVALID_INPUT for shares that are no plan, or a concentration that is not above 0 */
export function startSampleRatio(shares: readonly number[], concentration = 100): SampleRatioState {
  sampleRatioEValue(shares.map(() => 0), shares, concentration);
  return { v: 1, shares: [...shares], concentration, counts: shares.map(() => 0), largest: 1 };
}

/** One look, after the batch. @throws MettleError INVALID_INPUT for negative counts, or as many as there are not arms */
export function updateSampleRatio(state: SampleRatioState, batch: readonly number[]): SampleRatioState {
  if (batch.length !== state.counts.length || batch.some((count) => !(count >= 0))) throw new MettleError('INVALID_INPUT', 'counts are not negative, one per arm', { counts: batch.map(String) });
  const counts = state.counts.map((count, at) => count + (batch[at] ?? 0));
  return { ...state, counts, largest: Math.max(state.largest, sampleRatioEValue(counts, state.shares, state.concentration)) };
}

/** Evidence now and the p of all looks; null before the first unit: no traffic is no sign of a sound split. */
export function readSampleRatio({ counts, shares, concentration, largest }: SampleRatioState): { n: number; eValue: number | null; pValue: number | null; reason: ReasonCode | null } {
  const n = counts.reduce((sum, count) => sum + count, 0);
  return n === 0 ? { n, eValue: null, pValue: null, reason: 'EMPTY_SAMPLE' } : { n, eValue: sampleRatioEValue(counts, shares, concentration), pValue: Math.min(1, 1 / largest), reason: null };
}

/** The largest evidence over a run of batches, in order: what a sequential test has seen. */
export function sampleRatioRun(batches: readonly (readonly number[])[], shares: readonly number[], concentration = 100): { eValue: number; counts: number[] } {
  const { largest, counts } = batches.reduce(updateSampleRatio, startSampleRatio(shares, concentration));
  return { eValue: largest, counts: [...counts] };
}
