import { Evidence, Policy, days, type EarlierComparison, type VersionRef } from '@mettle/contracts';
import type { Champions } from './champion.ts';
import type { ControlDeps } from './deps.ts';
import type { ControlHandlers } from '../handlers.ts';

/** A season is not the next: what is older says little of today's hours. */
const REMEMBERED = days(182);

/**
 * What an endpoint's decision log remembers of comparisons. One that failed is left out: a bad candidate's noise is its
 * own, and so wild that the rare bad hours of the others would drown in it.
 */
export function comparisonActivities({ registry, blobs }: ControlDeps, champions: Champions): Pick<ControlHandlers, 'earlierComparisons'> {
  /** Which model of the pair saw later data: 1 the candidate, -1 the champion, 0 neither or nobody knows. */
  const fresher = async (candidate: VersionRef, champion: VersionRef): Promise<number> => {
    const [mine, its] = await Promise.all([champions.trainedThrough(candidate), champions.trainedThrough(champion)]);
    return mine === null || its === null ? 0 : Math.sign(mine - its);
  };
  return {
    async earlierComparisons({ endpoint, champion, candidate, policy, watermark }) {
      // What is decided at this very watermark may or may not be there yet.
      const [decisions, now, age] = await Promise.all([registry.decisions(endpoint, { from: watermark - REMEMBERED, until: watermark - 1 }), blobs.getJson(policy, Policy), fresher(candidate, champion)]);
      const found = await Promise.all(decisions.reverse().map(async ({ action, verdict, evidence: hash }): Promise<EarlierComparison | null> => {
        if (hash === null || verdict === 'fail' || (action !== 'startChallenge' && action !== 'reject')) return null;
        const evidence = await blobs.getJson(hash, Evidence);
        if (evidence.phase !== 'shadow') return null;
        const judged = evidence.policy === policy ? now : await blobs.getJson(evidence.policy, Policy);
        if (judged.success.metric !== now.success.metric || judged.slot.width !== now.slot.width) return null;
        const then = await fresher(evidence.candidate, evidence.champion);
        return Math.abs(then) === Math.abs(age) ? { state: evidence.state, reversed: then !== age } : null;
      }));
      return { earlier: found.filter((one) => one !== null) };
    },
  };
}
