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
 * Does the challenger fail, or is it slow, more often? Given how many requests erred, under equal rates each falls to an
 * arm in proportion to the arm's requests, whatever the arms share (an outage, a slow disk); so the errors by arm are a
 * sample-ratio test of their own, valid at every look. Slowness is the same question of a quantile: the share of requests
 * beyond a declared latency. One-sided: only the challenger's excess counts.
 * @see Lindon & Malek (2022), Anytime-valid inference for multinomial count data
 */
export function judgeService(policy: Policy, measured: Measured): Reason[] {
  const { service } = measured;
  if (service === null) return [];
  const { champion, challenger } = service;
  const reasons: Reason[] = [];
  const erred = excessOf(champion.requests, challenger.requests, champion.errors, challenger.errors);
  if (erred !== null && erred.eValue >= 1 / policy.alpha) reasons.push(reasonOf('SERVICE_HARMED', erred));
  if (policy.slowAfter === null || champion.slow === null || challenger.slow === null) return reasons;
  const slowed = excessOf(champion.requests, challenger.requests, champion.slow, challenger.slow);
  if (slowed !== null && slowed.eValue >= 1 / policy.alpha) reasons.push(reasonOf('SERVICE_SLOWED', { ...slowed, slowAfter: policy.slowAfter }));
  return reasons;
}

/** Rates of an event by arm and the evidence that the challenger's is higher; null when it is not, or an arm served nothing. */
function excessOf(championRequests: number, challengerRequests: number, championEvents: number, challengerEvents: number): { champion: number; challenger: number; eValue: number } | null {
  if (!(championRequests > 0 && challengerRequests > 0)) return null;
  const champion = championEvents / championRequests;
  const challenger = challengerEvents / challengerRequests;
  if (challenger <= champion) return null;
  const all = championRequests + challengerRequests;
  return { champion, challenger, eValue: sampleRatioEValue([championEvents, challengerEvents], [championRequests / all, challengerRequests / all], 4) };
}
