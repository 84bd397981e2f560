import type { TimeUs } from '@mettle/contracts';
import { dailyOr } from '../cohort.ts';
import { because, look, standing, type Look } from '../comparison.ts';
import { Ending, type Story } from '../story.ts';
import type { Proof } from './shadow.ts';
import type { Trained } from './train.ts';

/** A challenge that nothing speaks against, and how to go on looking while somebody makes up their mind. */
export interface Trial {
  readonly look: Look;
  /** Looks once more. @throws Ending when something speaks against the candidate now */
  readonly again: () => Promise<Look>;
  /** When a candidate that nobody has promoted by then ends. */
  readonly until: TimeUs;
}

/**
 * A share of the traffic. Daily looks for harm, service guardrails and sample ratio, while the paired comparison goes on;
 * it passes at `challenge.min` or later, as soon as nothing blocks.
 */
export async function challenge(story: Story, trained: Trained, { shadowFrom, challengeFrom }: Proof): Promise<Trial> {
  const { policy } = story.plan;
  story.enter('challenge', `it serves ${policy.challenge.share / 100} % of the traffic`);
  const every = dailyOr(policy.challenge.min);
  const until = challengeFrom + policy.challenge.max;
  const again = async (): Promise<Look> => {
    const { champion } = await standing(story, 'challenger', trained);
    const cohort = { from: shadowFrom, to: Math.max(shadowFrom, story.now() - policy.maturation) };
    const seen = await look(story, { phase: 'challenge', champion, cohort, startedAt: challengeFrom, challengeFrom });
    if (seen.outcome.verdict === 'fail') {
      throw new Ending('rejected', `the challenge stopped it: ${because(seen.outcome)}`, { verdict: 'fail', reasons: seen.outcome.reasons, evidence: seen.evidence });
    }
    return seen;
  };

  let why = 'the first look at the challenge';
  for (;;) {
    await story.until(story.now() + every, why);
    const seen = await again();
    const old = story.now() - challengeFrom;
    if (seen.outcome.verdict === 'pass' && old >= policy.challenge.min) return { look: seen, again, until };
    if (old >= policy.challenge.max) {
      throw new Ending('undetermined', `the challenge ended undecided: ${because(seen.outcome)}`, { verdict: 'undetermined', reasons: seen.outcome.reasons, evidence: seen.evidence });
    }
    why = `the challenge goes on: ${because(seen.outcome)}`;
  }
}
