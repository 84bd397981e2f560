import type { Policy, SlotSums } from '@mettle/contracts';
import { DAY_US, MettleError } from '@mettle/contracts';
import { lossOf, summariseSlots } from '@mettle/evaluation';
import { oneSidedHalfWidth, termsForDistance } from '@mettle/statistics';
import type { ErrorData } from '@mettle/contracts';

export interface PolicyFacts {
  /** Columns that rows carry (keys, request columns, features): what segments may name. */
  readonly columns?: readonly string[];
  /** Past slots of a paired comparison on this endpoint: the noise that the margin must beat. */
  readonly history?: readonly SlotSums[];
}

const invalid = (message: string, data: ErrorData): MettleError => new MettleError('INVALID_POLICY', message, data);

/**
 * Checks a policy when it is written.
 * @throws MettleError INVALID_POLICY for rules that contradict each other or name what is not there
 * @throws MettleError UNSATISFIABLE_POLICY when no data within the horizon could pass, with the numbers
 */
export function checkPolicy(policy: Policy, facts: PolicyFacts = {}): void {
  const { success, slot, shadow, challenge } = policy;
  for (const { metric } of [success, ...policy.guardrails]) lossOf(metric);
  if (lossOf(success.metric).direction !== success.direction) throw invalid(`${success.metric} is better when ${lossOf(success.metric).direction}`, { metric: success.metric, direction: success.direction });
  if (slot.pooled !== true) throw invalid('slots pool all entities: those that share an hour are not independent', { pooled: [...slot.pooled] });
  if (slot.width <= 0 || slot.width > DAY_US || DAY_US % slot.width !== 0) throw invalid('a slot is a whole part of a day', { width: slot.width });
  if (slot.lag * slot.width < DAY_US) throw invalid('the lag spans at least a day', { lag: slot.lag, width: slot.width, needed: Math.ceil(DAY_US / slot.width) });
  if (policy.alpha >= 0.5) throw invalid('alpha is below one half', { alpha: policy.alpha });
  if (policy.maturation < 0) throw invalid('maturation is not negative', { maturation: policy.maturation });
  if (shadow.lookEvery < slot.width || shadow.lookEvery > shadow.max) throw invalid('looks come at least once in a shadow and no more often than slots', { lookEvery: shadow.lookEvery, max: shadow.max });
  for (const [phase, { min, max }] of Object.entries({ shadow, challenge })) if (min < 0 || max < min) throw invalid(`the ${phase} ends before it may`, { min, max });
  const columns = policy.segments.map(({ column }) => column);
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  if (twice !== undefined) throw invalid(`segment '${twice}' is declared twice`, { column: twice });
  const unknown = facts.columns === undefined ? undefined : columns.find((column) => facts.columns?.includes(column) === false);
  if (unknown !== undefined) throw invalid(`'${unknown}' is no column of the rows`, { column: unknown, known: [...(facts.columns ?? [])] });
  checkPower(policy, facts.history ?? []);
}

function checkPower(policy: Policy, history: readonly SlotSums[]): void {
  const { shadow, slot, challenge } = policy;
  const lastLook = Math.floor(shadow.max / shadow.lookEvery) * shadow.lookEvery;
  if (lastLook < shadow.min) throw new MettleError('UNSATISFIABLE_POLICY', 'no look falls between the shortest and the longest shadow', { lastLook, min: shadow.min, max: shadow.max });
  const most = Math.floor(lastLook / slot.width);
  if (policy.minSlots > most) throw new MettleError('UNSATISFIABLE_POLICY', 'the shadow is too short for the slots that it needs', { minSlots: policy.minSlots, available: most });
  if (challenge.max > 0 && (challenge.share === 0 || challenge.share === 10_000)) throw new MettleError('UNSATISFIABLE_POLICY', 'a challenge splits traffic between two arms', { share: challenge.share });
  const first = history[0];
  const last = history.at(-1);
  if (first === undefined || last === undefined || history.length < policy.minSlots) return;
  const { variance } = summariseSlots(history, slot.lag);
  const perDay = history.length / ((last.at + slot.width - first.at) / DAY_US);
  const available = Math.min(most, Math.floor((lastLook / DAY_US) * perDay));
  const input = { variance, alpha: policy.alpha, tunedFor: policy.tunedFor };
  const width = available < 1 ? Number.MAX_VALUE : oneSidedHalfWidth({ ...input, n: available });
  if (available >= policy.minSlots && width < policy.refresh.margin) return;
  const needed = termsForDistance(policy.refresh.margin, input, 100_000_000);
  throw new MettleError('UNSATISFIABLE_POLICY', 'at the noise of this history an equal candidate cannot be shown non-inferior within the longest shadow', {
    margin: policy.refresh.margin,
    reachable: width,
    availableSlots: available,
    neededSlots: needed,
    neededDays: needed === null ? null : Math.ceil(Math.max(needed, policy.minSlots) / perDay),
  });
}
