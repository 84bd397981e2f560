import type { Hash, Outcome, Policy, TimeUs } from '@mettle/contracts';
import { DAY_US } from '@mettle/contracts';
import { decide } from './decide.ts';
import type { DecideContext } from './context.ts';
import type { Kind } from './kind-of.ts';
import { measuredFrom, rangeOf } from './stored-history.ts';
import type { StoredHistory } from './stored-history.ts';

export interface RehearsedLook {
  /** The watermark at which the policy would have looked. */
  readonly at: TimeUs;
  readonly phase: DecideContext['phase'];
  readonly outcome: Outcome;
}

/** What a policy would have decided on one candidate. */
export interface Rehearsal {
  readonly startedAt: TimeUs;
  readonly looks: readonly RehearsedLook[];
  /** `historyEnded`: the stored history was over before the policy had decided. */
  readonly end: 'promoted' | 'rejected' | 'undetermined' | 'rolledBack' | 'historyEnded';
  /** The watermark of the look that decided; of the last look otherwise. */
  readonly endedAt: TimeUs;
  readonly promotedAt: TimeUs | null;
}

export interface RehearsalQuestion {
  readonly kind: Kind;
  /** Start of the shadow. */
  readonly startedAt: TimeUs;
  readonly policyHash: Hash;
}

/**
 * A candidate's life under a policy, on a stored comparison, by the same `decide` and at the watermarks at which a
 * lifecycle looks: whole looks in shadow, then daily in the live split and in the bake. Where the history holds no live
 * split, that phase lasts its minimum and only its paired comparison is judged.
 * @throws MettleError INVALID_INPUT for a history without slots
 */
export function rehearse(policy: Policy, history: StoredHistory, question: RehearsalQuestion): Rehearsal {
  const { startedAt } = question;
  const until = rangeOf(history).to;
  const looks: RehearsedLook[] = [];
  /** Null: the labels of this look are not in the history. */
  const look = (at: TimeUs, phase: DecideContext['phase'], phaseFrom: TimeUs, cohortFrom: TimeUs): Outcome | null => {
    const to = Math.max(cohortFrom, at - policy.maturation);
    if (to > until) return null;
    const measured = measuredFrom(history, { phase, cohort: { from: cohortFrom, to }, watermark: at, metric: policy.success.metric, splitFrom: phase === 'challenge' ? phaseFrom : null });
    const outcome = decide(policy, measured, { kind: question.kind, phase, startedAt: phaseFrom, policyHash: question.policyHash });
    looks.push({ at, phase, outcome });
    return outcome;
  };
  const ended = (end: Rehearsal['end'], promotedAt: TimeUs | null = null): Rehearsal => ({ startedAt, looks, end, endedAt: looks.at(-1)?.at ?? startedAt, promotedAt });

  const { min, max, lookEvery } = policy.shadow;
  let challengeFrom: TimeUs | null = null;
  for (let length = Math.max(1, Math.ceil(min / lookEvery)) * lookEvery; length <= max && challengeFrom === null; length += lookEvery) {
    const outcome = look(startedAt + length + policy.maturation, 'shadow', startedAt, startedAt);
    if (outcome === null) return ended('historyEnded');
    if (outcome.verdict === 'fail') return ended('rejected');
    if (outcome.verdict === 'pass') challengeFrom = startedAt + length + policy.maturation;
  }
  if (challengeFrom === null) return ended('undetermined');

  let promotedAt: TimeUs | null = null;
  for (let at = challengeFrom + DAY_US; promotedAt === null; at += DAY_US) {
    const outcome = look(at, 'challenge', challengeFrom, startedAt);
    if (outcome === null) return ended('historyEnded');
    if (outcome.verdict === 'fail') return ended('rejected');
    if (outcome.verdict === 'pass' || (history.exposures === null && at - challengeFrom >= policy.challenge.min)) promotedAt = at;
    else if (at - challengeFrom >= policy.challenge.max) return ended('undetermined');
  }
  for (let at = promotedAt + DAY_US; at <= promotedAt + policy.bake + policy.maturation; at += DAY_US) {
    const outcome = at - policy.maturation <= promotedAt ? undefined : look(at, 'bake', promotedAt, promotedAt);
    if (outcome === null) break;
    if (outcome?.verdict === 'fail') return ended('rolledBack', promotedAt);
  }
  return ended('promoted', promotedAt);
}

/** The same with a candidate every `every` µs from the first day of the history on, as long as a first look fits. */
export function rehearseSeries(policy: Policy, history: StoredHistory, question: Omit<RehearsalQuestion, 'startedAt'> & { readonly every: number }): Rehearsal[] {
  const { from, to } = rangeOf(history);
  const rehearsals: Rehearsal[] = [];
  for (let startedAt = from; startedAt + policy.shadow.lookEvery <= to; startedAt += question.every) rehearsals.push(rehearse(policy, history, { ...question, startedAt }));
  return rehearsals;
}
