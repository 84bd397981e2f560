import type { LabelSpace, Policy, SlotSeries, SlotSums } from '@mettle/contracts';
import { DAY_US, MettleError, isMettleError } from '@mettle/contracts';
import { rowLoss, summariseSlots } from '@mettle/evaluation';
import type { RowLoss } from '@mettle/evaluation';
import { oneSidedHalfWidth, termsForDistance } from '@mettle/statistics';
import type { ErrorData } from '@mettle/contracts';
import { segmentMinSlots } from './paired.ts';
import { IMMATERIAL, segmentsOf } from './segments.ts';

export interface PolicyFacts {
  /** Columns that rows carry (keys, request columns, features): what segments may name. */
  readonly columns?: readonly string[];
  /** Past series of a paired comparison on this endpoint, as in a measurement: the noise that every margin must beat. */
  readonly history?: readonly SlotSeries[];
  /** What the endpoint's labels can be; binary unless said. */
  readonly space?: LabelSpace;
}

const WEEK = 7 * DAY_US;

const invalid = (message: string, data: ErrorData): MettleError => new MettleError('INVALID_POLICY', message, data);

/**
 * Checks a policy when it is written.
 * @throws MettleError INVALID_POLICY for rules that contradict each other or name what is not there
 * @throws MettleError UNSATISFIABLE_POLICY when no data within the horizon could pass, with the numbers
 */
export function checkPolicy(policy: Policy, facts: PolicyFacts = {}): void {
  const { success, slot, shadow, challenge } = policy;
  const [{ direction }] = [success, ...policy.guardrails].map(({ metric }) => lossOf(metric, facts.space)) as [RowLoss];
  if (direction !== success.direction) throw invalid(`${success.metric} is better when ${direction}`, { metric: success.metric, direction: success.direction });
  if (slot.pooled !== true) throw invalid('slots pool all entities: those that share an hour are not independent', { pooled: [...slot.pooled] });
  if (slot.width <= 0 || slot.width > DAY_US || DAY_US % slot.width !== 0) throw invalid('a slot is a whole part of a day', { width: slot.width });
  if (slot.lag * slot.width < DAY_US) throw invalid('the lag spans at least a day', { lag: slot.lag, width: slot.width, needed: Math.ceil(DAY_US / slot.width) });
  if (policy.alpha >= 0.5) throw invalid('alpha is below one half', { alpha: policy.alpha });
  if (policy.maturation < 0) throw invalid('maturation is not negative', { maturation: policy.maturation });
  if (shadow.lookEvery < slot.width || shadow.lookEvery > shadow.max) throw invalid('looks come at least once in a shadow and no more often than slots', { lookEvery: shadow.lookEvery, max: shadow.max });
  if (shadow.lookEvery % WEEK !== 0) throw invalid('looks come at whole weeks: days of the week are not alike', { lookEvery: shadow.lookEvery, week: WEEK });
  if (shadow.min < WEEK) throw invalid('a shadow lasts at least a week', { min: shadow.min, week: WEEK });
  for (const [phase, { min, max }] of Object.entries({ shadow, challenge })) if (min < 0 || max < min) throw invalid(`the ${phase} ends before it may`, { min, max });
  const columns = policy.segments.map(({ column }) => column);
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  if (twice !== undefined) throw invalid(`segment '${twice}' is declared twice`, { column: twice });
  const unknown = facts.columns === undefined ? undefined : columns.find((column) => facts.columns?.includes(column) === false);
  if (unknown !== undefined) throw invalid(`'${unknown}' is no column of the rows`, { column: unknown, known: [...(facts.columns ?? [])] });
  checkPower(policy, facts.history ?? []);
}

/** The row loss of a metric: slots carry no other. */
function lossOf(metric: string, { task, classes }: LabelSpace = { task: 'binary' }): RowLoss {
  try {
    return rowLoss(task, metric, classes);
  } catch (cause) {
    if (!isMettleError(cause)) throw cause;
    throw new MettleError('INVALID_POLICY', cause.message, { ...cause.data, metric }, { cause });
  }
}

const unsatisfiable = (message: string, data: ErrorData): MettleError => new MettleError('UNSATISFIABLE_POLICY', message, data);

function checkPower(policy: Policy, history: readonly SlotSeries[]): void {
  const { shadow, slot, challenge } = policy;
  const lastLook = Math.floor(shadow.max / shadow.lookEvery) * shadow.lookEvery;
  if (lastLook < shadow.min) throw unsatisfiable('no look falls between the shortest and the longest shadow', { lastLook, min: shadow.min, max: shadow.max });
  const most = Math.floor(lastLook / slot.width);
  if (policy.minSlots > most) throw unsatisfiable('the shadow is too short for the slots that it needs', { minSlots: policy.minSlots, available: most, neededDays: Math.ceil((policy.minSlots * slot.width) / DAY_US) });
  if (challenge.share === 0 || challenge.share === 10_000) throw unsatisfiable('a challenge splits traffic between two arms', { share: challenge.share });
  if (challenge.max === 0) throw unsatisfiable('a challenge of no time exposes nobody', { max: challenge.max });

  const total = (metric: string): readonly SlotSums[] => history.find((one) => one.metric === metric && one.segment === null)?.slots ?? [];
  const success = total(policy.success.metric);
  if (success.length < policy.minSlots) return;
  const days = daysOf(success, slot.width);
  const rules = [
    { rule: policy.success.metric, slots: success, margin: policy.refresh.margin, minSlots: policy.minSlots },
    ...policy.guardrails.map(({ metric, margin }) => ({ rule: metric, slots: total(metric), margin, minSlots: policy.minSlots })),
    ...policy.segments.flatMap((declared) => segmentsOf(history, declared, policy.success.metric))
      .filter(({ share }) => share >= IMMATERIAL)
      .map(({ name, slots, margin }) => ({ rule: name, slots, margin, minSlots: segmentMinSlots(policy) })),
  ];
  for (const rule of rules) if (rule.slots.length > 0) checkReach(policy, { ...rule, perDay: rule.slots.length / days, lastLook });
}

const daysOf = (slots: readonly SlotSums[], width: number): number => ((slots.at(-1)?.at ?? 0) + width - (slots[0]?.at ?? 0)) / DAY_US;

/** At the noise of its history, is the bound of a candidate that equals the champion within the margin by the last look? */
function checkReach(policy: Policy, { rule, slots, margin, minSlots, perDay, lastLook }: { rule: string; slots: readonly SlotSums[]; margin: number; minSlots: number; perDay: number; lastLook: number }): void {
  const { variance } = summariseSlots(slots, policy.slot.lag);
  const available = Math.floor((lastLook / DAY_US) * perDay);
  const input = { variance, alpha: policy.alpha, tunedFor: policy.tunedFor };
  const width = available < 1 ? Number.MAX_VALUE : oneSidedHalfWidth({ ...input, n: available });
  if (available >= minSlots && width < margin) return;
  const needed = termsForDistance(margin, input, 100_000_000);
  throw unsatisfiable(`at the noise of this history an equal candidate cannot be shown non-inferior in '${rule}' within the longest shadow`, {
    rule,
    margin,
    reachable: width,
    availableSlots: available,
    neededSlots: needed === null ? null : Math.max(needed, minSlots),
    neededDays: needed === null ? null : Math.ceil(Math.max(needed, minSlots) / perDay),
  });
}
