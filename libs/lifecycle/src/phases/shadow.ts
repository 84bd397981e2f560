import { sameVersion, type TimeUs } from '@mettle/contracts';
import { reasonOf } from '@mettle/promotion';
import { because, look, standing, type Look } from '../comparison.ts';
import { looksAt, matureCohort, nextLook, type Looks } from '../cohort.ts';
import { codeOf } from '../failures.ts';
import { Ending, type Story } from '../story.ts';
import type { Trained } from './train.ts';

/** The comparison that the candidate passed. */
export interface Proof {
  readonly shadowFrom: TimeUs;
  /** The watermark at which it became challenger. */
  readonly challengeFrom: TimeUs;
}

/**
 * Scores the same rows as the champion until the evidence decides or the horizon ends; a pass takes the challenge as soon
 * as nobody else is past shadow. When the champion changes meanwhile, the last mature cohort is compared with the new one.
 */
export async function shadow(story: Story, trained: Trained): Promise<Proof> {
  const { policy } = story.plan;
  story.enter('shadow', 'it joins the shadows');
  story.onUndo(({ message, verdict, reasons, evidence, by }) => story.commit({ action: 'reject', verdict, reasons: [...reasons], evidence, by, note: message }));
  const started = await story.commit({ action: 'startShadow' });
  const shadowFrom = started.decision.at;
  const looks: Looks = { start: shadowFrom, policy };

  let seen: { look: Look; count: number } | null = null;
  let wake = nextLook(looks, 0);
  for (;;) {
    if (wake === null) throw horizon(seen?.look ?? null, policy.shadow.max);
    await story.untilOrTick(wake, seen === null ? `the first look, over ${days(policy.shadow.min)} of mature rows` : seen.look.outcome.verdict === 'pass' ? 'another candidate is past shadow' : `the next look: ${because(seen.look.outcome)}`);
    const { champion } = await standing(story, 'shadow', trained);
    const count = looksAt(looks, story.now());
    if (count === 0) continue;
    if (seen === null || count > seen.count || !sameVersion(seen.look.champion, champion)) {
      seen = { look: await look(story, { phase: 'shadow', champion, cohort: matureCohort(looks, story.now()), startedAt: shadowFrom, challengeFrom: null }), count };
    }
    const { outcome, evidence } = seen.look;
    if (outcome.verdict === 'fail') throw new Ending('rejected', `it failed in shadow: ${because(outcome)}`, { verdict: 'fail', reasons: outcome.reasons, evidence });
    if (outcome.verdict === 'pass') {
      const challengeFrom = await take(story, seen.look);
      if (challengeFrom !== null) return { shadowFrom, challengeFrom };
    }
    const taken = outcome.verdict === 'pass' && story.now() < shadowFrom + policy.maturation + policy.shadow.max;
    wake = taken ? story.now() + 1 : nextLook(looks, seen.count);
  }
}

/** Becomes challenger; null while another candidate is past shadow. */
async function take(story: Story, { outcome, evidence }: Look): Promise<TimeUs | null> {
  try {
    const { decision } = await story.commit({
      action: 'startChallenge', phase: 'challenge', share: story.plan.policy.challenge.share, verdict: 'pass', reasons: outcome.reasons, evidence, note: because(outcome),
    });
    return decision.at;
  } catch (error) {
    if (codeOf(error) === 'CHALLENGE_TAKEN') return null;
    throw error;
  }
}

/** The shadow's time is over: undecided, or decided in vain because another candidate was past shadow all the time. */
function horizon(last: Look | null, longest: number): Ending {
  if (last === null) return new Ending('undetermined', 'the shadow ended without a look', { verdict: 'undetermined', reasons: [reasonOf('NO_LOOK')] });
  const { outcome, evidence } = last;
  const inVain = outcome.verdict === 'pass' ? [reasonOf('PLACE_TAKEN', { longest })] : [];
  return new Ending('undetermined', `the horizon of the shadow ended undecided: ${because(outcome)}`, { verdict: 'undetermined', reasons: [...inVain, ...outcome.reasons], evidence });
}

const days = (duration: number): string => `${Number((duration / 86_400_000_000).toFixed(1))} days`;
