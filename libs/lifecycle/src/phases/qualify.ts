import { versionKey } from '@mettle/contracts';
import { renderReason } from '@mettle/promotion';
import { local } from '../activities.ts';
import { findings } from '../qualification.ts';
import { Ending, type Story } from '../story.ts';
import type { Trained } from './train.ts';

/** The offline gate. A refusal ends the candidate before any server has loaded it. */
export async function qualify(story: Story, trained: Trained): Promise<void> {
  const { file, offline, parity } = trained;
  const version = story.version;
  story.enter('qualify', 'its file, figures and parity are judged');
  const reasons = findings(story.plan.policy, offline, file.reported, parity);
  const verdict = reasons.length === 0 ? 'pass' : 'fail';
  const note = reasons.length === 0 ? 'signature, smoke, metrics and parity hold' : reasons.map(renderReason).join(' ');
  await local(`record that ${versionKey(version)} ${reasons.length === 0 ? 'qualifies' : 'does not qualify'}`).qualify({
    key: `${story.status.id}/qualify`, version, verdict, parity, holdout: offline.holdout, note,
  });
  if (verdict === 'pass') return;
  await story.commit({ action: 'reject', verdict, reasons, note });
  throw new Ending('rejected', `it did not qualify: ${note}`, { verdict, reasons });
}

