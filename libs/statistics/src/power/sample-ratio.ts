import { binomialCdf, binomialSf } from '../binomial.ts';
import { checkAlpha, checkRange, checkWhole } from '../checks.ts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { sampleRatioEValue } from '../sample-ratio.ts';
import { firstReal, firstWhole } from '../search.ts';

export const SAMPLE_RATIO_POWER: Method = { name: 'sample-ratio-power', kind: 'power', direction: 'larger', needs: 'counts', citation: 'Lindon & Malek (2022) E >= 1/alpha, binomial law of the count at one look' };

export interface SampleRatioPlan {
  /** Planned share of the challenger. */
  readonly share: number;
  readonly alpha: number;
  /** Prior weight of the plan, in units. */
  readonly concentration?: number;
}

/** Whether `count` of `n` units in the challenger's arm bring E to 1/alpha. */
export const alarms = (count: number, n: number, { share, alpha, concentration = 100 }: SampleRatioPlan): boolean => count <= n && sampleRatioEValue([n - count, count], [1 - share, share], concentration) >= 1 / alpha;

/** Counts that alarm: `few` and less (-1: never), `many` and more (n + 1: never). E is convex in the count and below 1 at the plan. */
export function alarmingCounts(n: number, plan: SampleRatioPlan): { few: number; many: number } {
  const planned = Math.round(n * plan.share);
  return { few: firstWhole(0, planned, (count) => !alarms(count, n, plan)) - 1, many: firstWhole(planned, n + 1, (count) => alarms(count, n, plan)) };
}

function check(n: number, { share, alpha }: SampleRatioPlan): void {
  checkWhole(n, 'n', 1);
  checkAlpha(alpha);
  checkRange(share, 'share', Number.EPSILON, 1 - Number.EPSILON);
}

/** Probability of an alarm at a look after `n` units when the challenger's share is `actual`; earlier looks only add to it. Exact. */
export function sampleRatioPower(actual: number, n: number, plan: SampleRatioPlan): number {
  check(n, plan);
  checkRange(actual, 'actual', 0, 1);
  const { few, many } = alarmingCounts(n, plan);
  return binomialCdf(few, n, actual) + binomialSf(many - 1, n, actual);
}

/** The nearest shares below and above the plan that `n` units show with probability `power`; OUT_OF_REACH where none is. */
export function sampleRatioDetectable(n: number, power: number, plan: SampleRatioPlan): { below: Measured; above: Measured } {
  check(n, plan);
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const { few, many } = alarmingCounts(n, plan);
  const found = (actual: number): boolean => binomialCdf(few, n, actual) + binomialSf(many - 1, n, actual) >= power;
  const towards = (end: number): Measured => (found(end) ? measured(firstReal(plan.share, end, found)) : unmeasured('OUT_OF_REACH'));
  return { below: towards(0), above: towards(1) };
}

/** Units that show the share `actual` with probability `power`, within `most`. Power falls by a little from n to n + 1 where no count is gained. */
export function sampleRatioSize(actual: number, power: number, plan: SampleRatioPlan, most = 2 ** 31): Measured {
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const holds = (n: number): boolean => sampleRatioPower(actual, n, plan) >= power;
  return holds(most) ? measured(firstWhole(1, most, holds)) : unmeasured('OUT_OF_REACH');
}
