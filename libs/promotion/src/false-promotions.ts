import type { DurationUs, Policy } from '@mettle/contracts';
import { DAY_US } from '@mettle/contracts';

/** What a policy risks in a year of 365 days, before any data. */
export interface FalsePromotions {
  /** Candidates that the policy launches by age alone; null: it launches none by age. */
  readonly byAge: number | null;
  /** The most that it can launch: an incident at the end of every cooldown, and places in shadow for all of them. */
  readonly most: number;
  /** `most` candidates, each of them on the boundary of its rule: at most this many are promoted, on average. */
  readonly expectedAtMost: number;
  /** The same at the pace of age; null: as `byAge`. */
  readonly expectedByAge: number | null;
  /** Σ of the margins, if every candidate of `most` were a refresh promoted just within it: non-inferiority is not transitive. */
  readonly worstCreep: number;
}

const YEAR = 365 * DAY_US;

/**
 * Expected false promotions per year: alpha is spent per candidate (the sequence is valid over all looks at it), so the
 * expectation is alpha times the candidates, whatever their number at once and however they depend on each other.
 * Guardrails and segments only lower it, because every rule must hold.
 * @param cadence step of the endpoint's clock, µs: nothing is launched between two steps
 */
export function falsePromotionsPerYear(policy: Policy, cadence: DurationUs): FalsePromotions {
  const { retrain, shadow, alpha } = policy;
  const steps = (duration: DurationUs): DurationUs => Math.max(1, Math.ceil(duration / cadence)) * cadence;
  const shortest = Math.max(1, Math.ceil(shadow.min / shadow.lookEvery)) * shadow.lookEvery + policy.maturation;
  const places = (YEAR / steps(shortest)) * shadow.concurrent;
  const byAge = retrain.maxAge === null ? null : Math.min(YEAR / steps(Math.max(retrain.maxAge, retrain.cooldown)), places);
  const asked = retrain.onIncident || retrain.onConfirmedDrift;
  const most = asked ? Math.min(YEAR / steps(retrain.cooldown), places) : (byAge ?? 0);
  return { byAge, most, expectedAtMost: most * alpha, expectedByAge: byAge === null ? null : byAge * alpha, worstCreep: most * policy.refresh.margin };
}

const text = (value: number): string => String(Number(value.toPrecision(2)));

/** One plain sentence for a person who writes a policy. */
export function renderFalsePromotions({ byAge, most, expectedAtMost, expectedByAge }: FalsePromotions, policy: Policy): string {
  const both = (usual: number | null, largest: number): string => (usual === null || usual === largest ? text(largest) : `${text(usual)} (${text(largest)} when every incident asks for one)`);
  return `Of ${both(byAge, most)} candidates a year, each judged at alpha ${policy.alpha}, no more than ${both(expectedByAge, expectedAtMost)} are expected to be promoted if none were any good.`;
}
