import { roleOf } from '@mettle/routing';
import { versionKey } from '@mettle/contracts';
import { reasonOf } from '@mettle/promotion';
import { local } from '../activities.ts';
import { dailyOr } from '../cohort.ts';
import { because, look, type Look } from '../comparison.ts';
import { Ending, type Story } from '../story.ts';
import type { Former } from './promote.ts';

/** Daily looks at the new champion against the former one, which scores beside it; harm rolls back. */
export async function bake(story: Story, { champion: former, since }: Former): Promise<Ending> {
  const { policy } = story.plan;
  story.enter('bake', 'it is champion');
  // Like a shadow, it is as long as the policy says in mature rows: fresh rows without labels cannot show harm.
  const end = since + policy.bake + policy.maturation;
  let seen: Look | null = null;
  while (story.now() < end) {
    await story.until(Math.min(end, story.now() + dailyOr(policy.bake)), seen === null ? 'the first look at the new champion' : `the bake goes on: ${because(seen.outcome)}`);
    const { table } = await local('read the route').endpointHead({ endpoint: story.spec.endpoint });
    if (table === null || roleOf(table, story.version) !== 'champion') {
      return new Ending('rolledBack', 'an operator took it back', { verdict: 'fail', reasons: [reasonOf('REPLACED_BY_OPERATOR', { epoch: table?.epoch ?? null })] });
    }
    const to = story.now() - policy.maturation;
    // Before the first rows are mature, or once the former champion is not scored any more, there is nothing to compare.
    if (to <= since || roleOf(table, former) === null) continue;
    seen = await look(story, { phase: 'bake', champion: former, cohort: { from: since, to }, startedAt: since, challengeFrom: null });
    if (seen.outcome.verdict === 'fail') {
      throw new Ending('rolledBack', `it harmed: ${because(seen.outcome)}`, { verdict: 'fail', reasons: seen.outcome.reasons, evidence: seen.evidence });
    }
  }
  // No look at mature rows is no good news: the verdict of the end is that of the last look.
  return new Ending('done', `${versionKey(story.version)} is champion`, { verdict: seen?.outcome.verdict ?? 'undetermined', reasons: seen?.outcome.reasons ?? [], evidence: seen?.evidence ?? null });
}
