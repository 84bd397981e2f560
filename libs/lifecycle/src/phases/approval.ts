import type { Principal } from '@mettle/contracts';
import { reasonOf } from '@mettle/promotion';
import { dailyOr } from '../cohort.ts';
import { because } from '../comparison.ts';
import { Ending, type Story } from '../story.ts';
import type { Trial } from './challenge.ts';

/** A person or the policy says yes, by the same decision. While a person makes up their mind, the looks for harm go on. */
export async function approval(story: Story, trial: Trial): Promise<void> {
  const { policy } = story.plan;
  story.enter('approve', 'it is approved');
  if (policy.approval.by === 'policy') story.approve({ by: policyPrincipal(policy.name), note: `policy ${policy.name}` });

  let seen = trial.look;
  while (story.approval === null) {
    await story.until(story.now() + dailyOr(policy.challenge.min), `an approver: ${because(seen.outcome)}`, 'approval');
    if (story.approval !== null) break;
    seen = await trial.again();
    if (story.now() >= trial.until) throw new Ending('undetermined', 'nobody approved it within the horizon of the challenge', { verdict: 'undetermined', reasons: [reasonOf('NOT_APPROVED')], evidence: seen.evidence });
  }
  const { by, note } = story.approval;
  await story.commit({ action: 'approve', verdict: seen.outcome.verdict, reasons: seen.outcome.reasons, evidence: seen.evidence, by, note });
}

const policyPrincipal = (name: string): Principal => ({ id: `policy:${name}`, kind: 'policy', roles: ['approver'] });
