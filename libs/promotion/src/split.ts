import type { Measured, Policy, Reason } from '@mettle/contracts';
import { coverageGap, coverageOf } from '@mettle/evaluation';
import { sampleRatioEValue, sampleRatioRun } from '@mettle/statistics';
import { reasonOf } from './reasons.ts';

/** Evidence that the split is not the planned one: first exposures per entity, a day at a time; null outside a split. */
export function mismatchOf(policy: Policy, measured: Measured): { eValue: number; counts: number[] } | null {
  if (measured.exposures === null || policy.challenge.share <= 0 || policy.challenge.share >= 10_000) return null;
  const planned = policy.challenge.share / 10_000;
  return sampleRatioRun(measured.exposures.map((day) => [day.champion, day.challenger]), [1 - planned, planned]);
}

/** Sample-ratio mismatch blocks every decision; so does a split that exposed nobody. */
export function judgeSplit(policy: Policy, measured: Measured): Reason[] {
  const mismatch = mismatchOf(policy, measured);
  const [champion = 0, challenger = 0] = mismatch?.counts ?? [];
  if (mismatch === null || champion + challenger === 0) return [reasonOf('NO_EXPOSURES')];
  if (mismatch.eValue < 1 / policy.mismatchAlpha) return [];
  return [reasonOf('SAMPLE_RATIO_MISMATCH', { champion, challenger, planned: policy.challenge.share / 10_000, eValue: mismatch.eValue })];
}

/**
 * Coverage of mature rows by arm: too low, too different, or nothing to cover. Arms of a live split hold different rows,
 * so there a gap must also be beyond chance (two proportions, one-sided 5 %); on the same rows it counts as it is.
 */
export function judgeCoverage(policy: Policy, measured: Measured, split: boolean): Reason[] {
  const champion = coverageOf(measured.coverage.champion);
  const candidate = coverageOf(measured.coverage.candidate);
  const gap = coverageGap(measured.coverage);
  if (champion === null || candidate === null || gap === null)
    return [reasonOf('NO_PREDICTIONS', { champion: measured.coverage.champion.predictions, candidate: measured.coverage.candidate.predictions })];
  const reasons: Reason[] = [];
  if (Math.min(champion, candidate) < policy.minCoverage) reasons.push(reasonOf('LOW_COVERAGE', { champion, candidate, minimum: policy.minCoverage }));
  const noise = split ? 1.6449 * gapError(measured.coverage) : 0;
  if (gap > Math.max(policy.maxCoverageGap, noise)) reasons.push(reasonOf('COVERAGE_GAP', { champion, candidate, maximum: policy.maxCoverageGap }));
  return reasons;
}

/** Standard error of the difference of two label shares, pooled. */
function gapError({ champion, candidate }: Measured['coverage']): number {
  const share = (champion.labels + candidate.labels) / (champion.predictions + candidate.predictions);
  return Math.sqrt(share * (1 - share) * (1 / champion.predictions + 1 / candidate.predictions));
}

/**
 * Do the challenger's rows fail more often? Under equal rates an error falls to an arm in proportion to its rows, so the
 * errors by arm are a sample-ratio test of their own: valid at every look.
 * @see Lindon & Malek (2022), Anytime-valid inference for multinomial count data
 */
export function judgeService(policy: Policy, measured: Measured): Reason | null {
  const service = measured.service;
  if (service === null || service.champion.rows === 0 || service.challenger.rows === 0) return null;
  const champion = service.champion.errors / service.champion.rows;
  const challenger = service.challenger.errors / service.challenger.rows;
  if (challenger <= champion) return null;
  const rows = service.champion.rows + service.challenger.rows;
  const eValue = sampleRatioEValue([service.champion.errors, service.challenger.errors], [service.champion.rows / rows, service.challenger.rows / rows], 4);
  return eValue >= 1 / policy.alpha ? reasonOf('SERVICE_HARMED', { champion, challenger, eValue }) : null;
}
