import type { Effect, Policy, SlotSums } from '@mettle/contracts';
import { DAY_US } from '@mettle/contracts';
import { oneSidedEValue, oneSidedHalfWidth, termsForDistance } from '@mettle/statistics';
import { summariseSlots } from '@mettle/evaluation';

/** A one-sided bound each way on the row-weighted mean difference of a slot series, at the policy's alpha. */
export interface Bound {
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly variance: number;
  readonly designEffect: number | null;
  readonly slots: number;
  readonly rows: number;
}

/** Bounds are null below `minSlots`: the sequence is asymptotic. */
export function boundOf(slots: readonly SlotSums[], policy: Policy, minSlots = policy.minSlots): Bound {
  const { estimate, variance, designEffect, slots: n, rows } = summariseSlots(slots, policy.slot.lag);
  const common = { estimate, variance, designEffect, slots: n, rows };
  if (estimate === null || n < minSlots) return { ...common, lower: null, upper: null };
  const half = oneSidedHalfWidth({ n, variance, alpha: policy.alpha, tunedFor: policy.tunedFor });
  return { ...common, lower: estimate - half, upper: estimate + half };
}

/** The record of one rule: pass when upper < limit, fail when lower > harm, else undetermined. */
export function effectOf(bound: Bound, policy: Policy, rule: { role: Effect['role']; metric: string; segment: string | null; limit: number; harm: number; margin: number }): Effect {
  const verdict = bound.lower !== null && bound.lower > rule.harm ? 'fail' : bound.upper !== null && bound.upper < rule.limit ? 'pass' : 'undetermined';
  const eValue =
    bound.estimate === null || bound.slots < 2
      ? null
      : oneSidedEValue(bound.estimate - rule.limit, { n: bound.slots, variance: bound.variance, alpha: policy.alpha, tunedFor: policy.tunedFor });
  return { role: rule.role, metric: rule.metric, segment: rule.segment, estimate: bound.estimate, lower: bound.lower, upper: bound.upper, alpha: policy.alpha, eValue, margin: rule.margin, slots: bound.slots, rows: bound.rows, designEffect: bound.designEffect, verdict };
}

/**
 * Days until the bounds leave `limit` on the estimate's side (non-inferior or superior below it, harmful above it) if the
 * estimate, the noise and the traffic stay, and there are `minSlots`; null when the longest shadow is too short for it.
 */
export function daysToSettle(bound: Bound, limit: number, policy: Policy, slotsPerDay: number, minSlots: number): number | null {
  if (bound.estimate === null || !(slotsPerDay > 0)) return null;
  const most = Math.floor((policy.shadow.max / DAY_US) * slotsPerDay);
  const needed = most < 1 ? null : termsForDistance(Math.abs(limit - bound.estimate), { variance: bound.variance, alpha: policy.alpha, tunedFor: policy.tunedFor }, most);
  return needed === null ? null : Math.max(0, Math.max(needed, minSlots) - bound.slots) / slotsPerDay;
}
