import { MettleError, versionKey, type DecisionInput, type EndpointPlan, type RouteTable } from '@mettle/contracts';
import { and, decisions, desc, eq, inArray, type Orm } from '@mettle/metadata-db';
import { roleOf } from '@mettle/routing';
import type { VersionRow } from './versions.ts';

/**
 * The policy's rule of approval, held where the fact is written, so that no caller goes round it: with `approval.by =
 * 'person'` only a person approves, not the version's author when `notTheAuthor`, and a challenger is promoted only after
 * an approval since its challenge began.
 * @throws MettleError FORBIDDEN | INVALID_TRANSITION
 */
export async function checkApproval(tx: Orm, plan: EndpointPlan, input: DecisionInput, version: VersionRow, table: RouteTable): Promise<void> {
  const rule = plan.policy.approval;
  const subject = { endpoint: input.endpoint, version: versionKey(input.version), by: input.by.id };
  if (input.action === 'approve') {
    if (rule.by === 'person' && input.by.kind !== 'person') throw new MettleError('FORBIDDEN', 'the policy asks for the approval of a person', { ...subject, role: 'approver' });
    if (rule.notTheAuthor && input.by.id === version.manifest.by.id) throw new MettleError('FORBIDDEN', 'the author of a version does not approve it', { ...subject, role: 'approver' });
  }
  if (input.action === 'promote' && rule.by === 'person' && roleOf(table, input.version) === 'challenger') {
    const [last] = await tx
      .select({ action: decisions.action })
      .from(decisions)
      .where(and(eq(decisions.endpoint, input.endpoint), eq(decisions.version, subject.version), inArray(decisions.action, ['startChallenge', 'approve'])))
      .orderBy(desc(decisions.sequence))
      .limit(1);
    if (last?.action !== 'approve') throw new MettleError('INVALID_TRANSITION', `${subject.version} waits for an approval`, subject);
  }
}
