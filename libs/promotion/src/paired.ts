import type { Effect, Measured, Policy, Reason, SlotSums } from '@mettle/contracts';
import { DAY_US } from '@mettle/contracts';
import { boundOf, daysToSettle, effectOf } from './bound.ts';
import type { DecideContext } from './context.ts';
import { reasonOf } from './reasons.ts';
import { IMMATERIAL, segmentsOf } from './segments.ts';

/** What the paired comparison says: effects of every rule, and the reasons by what they do to the verdict. */
export interface PairedFindings {
  readonly effects: Effect[];
  /** Rules that hold. */
  readonly good: Reason[];
  /** Proven harm. */
  readonly harm: Reason[];
  /** What keeps a pass away. */
  readonly blocks: Reason[];
  /** Told, without consequence. */
  readonly notes: Reason[];
}

/** A part of the rows has quiet hours of its own, and a slot without its rows is no slot: it needs three quarters of `minSlots`. */
export const segmentMinSlots = (policy: Policy): number => Math.max(2, Math.ceil(policy.minSlots * 0.75));

export const seriesOf = (measured: Measured, metric: string, segment: string | null): readonly SlotSums[] =>
  measured.series.find((one) => one.metric === metric && one.segment === segment)?.slots ?? [];

/** Whole slots that lie before `until`: what a look may see. */
const before = (slots: readonly SlotSums[], until: number, width: number): SlotSums[] => slots.filter((slot) => slot.at + width <= until);

/**
 * Judges success, guardrails and declared segments. Harm is looked for in all mature slots (`matureUntil`), at any look;
 * success only in the slots of the whole looks (`lookUntil`; null: harm only).
 */
export function judgePaired(policy: Policy, measured: Measured, context: DecideContext, matureUntil: number, lookUntil: number | null): PairedFindings {
  const found: PairedFindings = { effects: [], good: [], harm: [], blocks: [], notes: [] };
  const { metric } = policy.success;
  const width = policy.slot.width;
  const refresh = policy.refresh.margin;
  const margin = context.kind === 'refresh' ? refresh : 0;
  /** A change that is surely worse at all cannot be superior; once it was shown superior, the margin counts. */
  const harmBeyond = context.kind === 'change' && context.phase === 'shadow' ? 0 : refresh;

  const all = before(seriesOf(measured, metric, null), matureUntil, width);
  const harm = boundOf(all, policy);
  found.effects.push(effectOf(harm, policy, { role: 'harm', metric, segment: null, limit: harmBeyond, harm: harmBeyond, margin: harmBeyond }));
  if (harm.lower !== null && harm.lower > harmBeyond) found.harm.push(reasonOf('HARM', { estimate: harm.estimate, lower: harm.lower, margin: harmBeyond, slots: harm.slots }));

  if (lookUntil !== null) {
    const seen = before(all, lookUntil, width);
    const bound = boundOf(seen, policy);
    const effect = effectOf(bound, policy, { role: 'success', metric, segment: null, limit: margin, harm: harmBeyond, margin });
    found.effects.unshift(effect);
    const numbers = { estimate: bound.estimate, upper: bound.upper, margin, slots: bound.slots, eValue: effect.eValue };
    if (effect.verdict === 'pass') found.good.push(reasonOf(context.kind === 'refresh' ? 'NON_INFERIOR' : 'SUPERIOR', numbers));
    else if (bound.slots < policy.minSlots) found.blocks.push(reasonOf('TOO_FEW_SLOTS', { slots: bound.slots, needed: policy.minSlots, days: daysToSettle(bound, margin, policy, paceOf(seen, policy), policy.minSlots) }));
    else found.blocks.push(reasonOf(context.kind === 'refresh' ? 'NOT_YET_NON_INFERIOR' : 'NOT_YET_SUPERIOR', { ...numbers, days: daysToSettle(bound, margin, policy, paceOf(seen, policy), policy.minSlots) }));
  }

  for (const guardrail of policy.guardrails) {
    const slots = before(seriesOf(measured, guardrail.metric, null), matureUntil, width);
    part(found, policy, slots, { role: 'guardrail', metric: guardrail.metric, segment: null, margin: guardrail.margin, minSlots: policy.minSlots }, lookUntil);
  }
  for (const declared of policy.segments) {
    const segments = segmentsOf(measured.series, declared, metric);
    if (segments.length === 0 && lookUntil !== null) found.blocks.push(reasonOf('SEGMENT_MISSING', {}, declared.column));
    for (const segment of segments) {
      const slots = before(segment.slots, matureUntil, width);
      const rule = { role: 'segment' as const, metric, segment: segment.name, margin: segment.margin, minSlots: segmentMinSlots(policy) };
      part(found, policy, slots, rule, lookUntil, segment.share < IMMATERIAL ? segment.share : null);
    }
  }
  return found;
}

interface PartRule { readonly role: 'guardrail' | 'segment'; readonly metric: string; readonly segment: string | null; readonly margin: number; readonly minSlots: number }

/** One guardrail or segment: harmed, non-inferior, or unknown; unknown blocks unless it is an immaterial segment. */
function part(found: PairedFindings, policy: Policy, slots: readonly SlotSums[], rule: PartRule, lookUntil: number | null, immaterial: number | null = null): void {
  const subject = rule.segment ?? rule.metric;
  const whole = boundOf(slots, policy, rule.minSlots);
  const harmed = whole.lower !== null && whole.lower > rule.margin;
  const bound = harmed || lookUntil === null ? whole : boundOf(before(slots, lookUntil, policy.slot.width), policy, rule.minSlots);
  const effect = effectOf(bound, policy, { ...rule, limit: rule.margin, harm: rule.margin });
  found.effects.push(effect);
  if (harmed) found.harm.push(reasonOf(rule.role === 'segment' ? 'SEGMENT_HARMED' : 'GUARDRAIL_HARMED', { estimate: whole.estimate, lower: whole.lower, margin: rule.margin, slots: whole.slots }, subject));
  else if (lookUntil !== null && effect.verdict !== 'pass' && immaterial !== null) found.notes.push(reasonOf('SEGMENT_IMMATERIAL', { rows: bound.rows, share: immaterial }, subject));
  else if (lookUntil !== null && effect.verdict !== 'pass')
    found.blocks.push(reasonOf(rule.role === 'segment' ? 'SEGMENT_UNKNOWN' : 'GUARDRAIL_UNKNOWN', { estimate: bound.estimate, upper: bound.upper, margin: rule.margin, slots: bound.slots, needed: rule.minSlots, days: daysToSettle(bound, rule.margin, policy, paceOf(before(slots, lookUntil, policy.slot.width), policy), rule.minSlots) }, subject));
}

/** Slots with rows a day, from the first to the last of them; 0 without slots. */
function paceOf(slots: readonly SlotSums[], policy: Policy): number {
  const first = slots[0];
  const last = slots.at(-1);
  return first === undefined || last === undefined ? 0 : slots.length / ((last.at + policy.slot.width - first.at) / DAY_US);
}
