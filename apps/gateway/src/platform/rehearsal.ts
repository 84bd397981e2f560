import { z } from 'zod';
import type { BlobStore } from '@mettle/blob-store';
import { DAY_US, Evidence, Measured, Policy, Verdict, VersionRef, hashOf, versionKey, type Hash } from '@mettle/contracts';
import { historyOf, rehearse, renderReason, type Kind } from '@mettle/promotion';
import type { Registry } from '@mettle/registry';

/** A candidate that was compared with a champion, and what a policy would have said of it in shadow. */
export const RehearsedCandidate = z.object({
  candidate: VersionRef,
  champion: VersionRef,
  kind: z.enum(['refresh', 'change']),
  days: z.number().describe('mature days that the comparison holds'),
  became: z.string().describe('how its lifecycle ended, or where it is'),
  verdict: Verdict.nullable().describe('null: the comparison lacks what the policy asks for'),
  after: z.number().nullable().describe('days of shadow until the verdict'),
  why: z.array(z.string()),
});
export type RehearsedCandidate = z.infer<typeof RehearsedCandidate>;

/**
 * Judges the stored comparisons of an endpoint by another policy, with the function that decided on them. A comparison
 * ends where it was decided: a policy that asks for more days finds it undetermined.
 */
export async function rehearsePolicy({ registry, blobs }: { readonly registry: Registry; readonly blobs: Pick<BlobStore, 'getJson'> }, endpoint: string, policy: Policy): Promise<RehearsedCandidate[]> {
  const [decisions, lifecycles] = await Promise.all([registry.decisions(endpoint), registry.lifecycles(endpoint)]);
  const longest = new Map<string, Evidence>();
  const shadows = new Map<string, Evidence>();
  for (const { evidence: hash } of decisions) {
    if (hash === null) continue;
    const evidence = await blobs.getJson(hash, Evidence);
    const key = versionKey(evidence.candidate);
    // A bake compares with the champion before, over other rows.
    if (evidence.phase !== 'bake' && evidence.cohort.to >= (longest.get(key)?.cohort.to ?? 0)) longest.set(key, evidence);
    if (evidence.phase === 'shadow') shadows.set(key, evidence);
  }
  const policyHash = hashOf(policy);
  return Promise.all([...longest.values()].map(async ({ candidate, champion, cohort, state, policy: judgedBy }): Promise<RehearsedCandidate> => {
    const [measured, { slot }] = await Promise.all([blobs.getJson(state, Measured), blobs.getJson(judgedBy, Policy)]);
    // What came before was measured for the look that decided in shadow.
    const shadow = shadows.get(versionKey(candidate))?.state ?? state;
    const { past } = shadow === state ? measured : await blobs.getJson(shadow, Measured);
    const status = lifecycles.map((one) => one.status).find(({ version }) => version !== null && versionKey(version) === versionKey(candidate));
    const about = { candidate, champion, kind: status?.kind ?? 'change', days: (cohort.to - cohort.from) / DAY_US, became: status?.state ?? 'unknown' };
    const lacks = missingFor(policy, measured, slot.width);
    if (lacks.length > 0) return { ...about, verdict: null, after: null, why: lacks };
    return { ...about, ...judged(policy, policyHash, { ...measured, past }, about.kind) };
  }));
}

function judged(policy: Policy, policyHash: Hash, measured: Measured, kind: Kind): Pick<RehearsedCandidate, 'verdict' | 'after' | 'why'> {
  const { looks } = rehearse(policy, { ...historyOf(measured.series), pair: { champion: measured.champion, candidate: measured.candidate }, past: measured.past }, { kind, startedAt: measured.cohort.from, policyHash });
  const last = looks.filter(({ phase }) => phase === 'shadow').at(-1);
  if (last === undefined) return { verdict: 'undetermined', after: null, why: ['The comparison ended before the first look of this policy.'] };
  const { verdict, reasons, numbers } = last.outcome;
  const open = verdict === 'undetermined' && numbers.horizonEnded !== 1 ? ['The comparison ended before this policy had decided.'] : [];
  return { verdict, after: (last.at - measured.cohort.from - policy.maturation) / DAY_US, why: [...open, ...reasons.map(renderReason)] };
}

/** What a policy asks for and a stored comparison does not hold. */
function missingFor(policy: Policy, { series }: Measured, slotWidth: number): string[] {
  if (series.every(({ slots }) => slots.length === 0)) return ['The comparison holds no labelled rows.'];
  if (slotWidth !== policy.slot.width) return [`It was measured in slots of ${slotWidth / 60_000_000} minutes.`];
  const metrics = [policy.success.metric, ...policy.guardrails.map(({ metric }) => metric)].filter((metric) => series.every((one) => one.metric !== metric));
  const columns = policy.segments.map(({ column }) => column).filter((column) => series.every(({ segment }) => segment === null || !segment.startsWith(`${column}=`)));
  return [...metrics.map((metric) => `It was not measured by ${metric}.`), ...columns.map((column) => `It was not measured by segments of ${column}.`)];
}
