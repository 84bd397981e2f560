import { versionKey, type Hash, type TimeUs, type VersionRef } from '@mettle/contracts';
import { because } from '../comparison.ts';
import { Ending, type Story } from '../story.ts';
import type { Trial } from './challenge.ts';

/** Whom a promoted candidate replaced, and when. */
export interface Former {
  readonly champion: VersionRef;
  readonly since: TimeUs;
  readonly evidence: Hash;
}

export async function promote(story: Story, { look }: Trial): Promise<Former> {
  story.enter('promote', 'it becomes champion');
  const { decision } = await story.commit({ action: 'promote', verdict: 'pass', reasons: look.outcome.reasons, evidence: look.evidence, note: because(look.outcome) });
  // From here on a way back exists, and withdrawing the candidate as a shadow is no longer it.
  story.keep();
  story.onUndo(({ message, verdict, reasons, evidence, by }) => story.commit({ action: 'rollBack', verdict, reasons: [...reasons], evidence, by, note: message }));
  return { champion: decision.replaced ?? look.champion, since: decision.at, evidence: look.evidence };
}

/** The first champion of an endpoint: there is nobody to compare it with. */
export async function deployFirst(story: Story): Promise<Ending> {
  story.enter('promote', 'it becomes the first champion');
  await story.commit({ action: 'deploy', verdict: 'pass', note: 'the first champion' });
  return new Ending('done', `${versionKey(story.version)} is the first champion`, { verdict: 'pass' });
}
