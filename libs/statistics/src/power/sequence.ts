import { MettleError } from '@mettle/contracts';
import { checkAlpha, checkPositive, checkRange, checkWhole } from '../checks.ts';
import { oneSidedHalfWidth } from '../confidence-sequence.ts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { firstReal } from '../search.ts';
import { passageBelow } from './passage.ts';

export const SEQUENCE_POWER: Method = { name: 'confidence-sequence-power', kind: 'power', direction: 'larger', needs: 'sums', citation: 'Passage of normal sums over the bounds of arXiv 2103.06476; Armitage, McPherson & Rowe (1969)' };

/**
 * The rule "at some look the one-sided sequence lies on the good side of the limit". It depends on the true effect only by
 * its distance from the limit: the margin for an equal candidate under non-inferiority, the gain under superiority.
 */
export interface SequencePlan {
  /** Of one slot; long-run where slots are autocorrelated. */
  readonly variance: number;
  readonly alpha: number;
  /** N*, in slots. */
  readonly tunedFor: number;
  /** No look before this many slots. */
  readonly minSlots: number;
  /** Slots from look to look. */
  readonly lookEvery: number;
  /** Slots until the horizon ends. */
  readonly most: number;
}

const MOST_LOOKS = 2000;

/** Slots at each look. @throws MettleError INVALID_INPUT for a plan without numbers to plan by, or of more than 2000 looks */
function looksOf(plan: SequencePlan): number[] {
  checkPositive(plan.variance, 'variance');
  checkAlpha(2 * plan.alpha);
  checkPositive(plan.tunedFor, 'tunedFor');
  for (const name of ['minSlots', 'lookEvery', 'most'] as const) checkWhole(plan[name], name, 1);
  const first = Math.ceil(plan.minSlots / plan.lookEvery);
  const looks = Math.max(0, Math.floor(plan.most / plan.lookEvery) - first + 1);
  if (looks > MOST_LOOKS) throw new MettleError('INVALID_INPUT', `a plan has at most ${MOST_LOOKS} looks`, { looks });
  return Array.from({ length: looks }, (_, k) => (first + k) * plan.lookEvery);
}

function passages(distance: number, plan: SequencePlan, looks: readonly number[]): number[] {
  const sd = Math.sqrt(plan.variance);
  return passageBelow(looks, looks.map((n) => (n * (distance - oneSidedHalfWidth({ n, variance: plan.variance, alpha: plan.alpha, tunedFor: plan.tunedFor }))) / sd));
}

/** Probability that the rule passes within the horizon; 0 when no look falls into it. Negative distances are false passes. */
export function sequencePower(distance: number, plan: SequencePlan): number {
  checkRange(distance, 'distance', -Number.MAX_VALUE, Number.MAX_VALUE);
  return passages(distance, plan, looksOf(plan)).at(-1) ?? 0;
}

/** Slots at the first look by which the rule passes with probability `power`; OUT_OF_REACH beyond the horizon. */
export function sequenceSize(distance: number, power: number, plan: SequencePlan): Measured {
  checkPositive(distance, 'distance');
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const looks = looksOf(plan);
  const found = looks[passages(distance, plan, looks).findIndex((passed) => passed >= power)];
  return found === undefined ? unmeasured('OUT_OF_REACH') : measured(found);
}

/** The smallest distance from the limit at which the rule passes within the horizon with probability `power`; OUT_OF_REACH when no look falls into it. */
export function sequenceDetectable(power: number, plan: SequencePlan): Measured {
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const looks = looksOf(plan);
  const last = looks.at(-1);
  if (last === undefined) return unmeasured('OUT_OF_REACH');
  // At the last look alone this distance is eight standard errors beyond the bound.
  const enough = oneSidedHalfWidth({ n: last, variance: plan.variance, alpha: plan.alpha, tunedFor: plan.tunedFor }) + 8.5 * Math.sqrt(plan.variance / last);
  return measured(firstReal(0, enough, (distance) => (passages(distance, plan, looks).at(-1) as number) >= power));
}
