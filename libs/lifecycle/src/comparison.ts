import { roleOf, type Role } from '@mettle/routing';
import { decide, kindOf, reasonOf, renderReason, type Kind } from '@mettle/promotion';
import { versionKey, type ChampionFacts, type Evidence, type Hash, type Outcome, type Phase, type Range, type RouteTable, type TimeUs, type VersionRef } from '@mettle/contracts';
import { compute, local } from './activities.ts';
import { typed } from './failures.ts';
import { Ending, type Story } from './story.ts';
import type { Trained } from './phases/train.ts';
import { moment } from './visibility.ts';

/** What one look at the evidence said. */
export interface Look {
  readonly outcome: Outcome;
  readonly evidence: Hash;
  /** Whom the candidate was compared with. */
  readonly champion: VersionRef;
}

interface Question {
  readonly phase: Extract<Phase, 'shadow' | 'challenge' | 'bake'>;
  readonly champion: VersionRef;
  readonly cohort: Range;
  /** Start of the phase. */
  readonly startedAt: TimeUs;
  /** Start of the live split; null: there is none. */
  readonly challengeFrom: TimeUs | null;
}

/** Measures the candidate against a champion on the same rows, judges by the policy, and stores what the rule used. */
export async function look(story: Story, question: Question): Promise<Look> {
  const { phase, champion, cohort, startedAt, challengeFrom } = question;
  const { endpoint } = story.spec;
  const watermark = story.now();
  const { catalogue } = await local('read the catalogue').catalogue({ endpoint, watermark });
  const candidate = story.version;
  // Only a shadow is decided by the success rule, which must hold on what came before it too.
  const { earlier } = phase !== 'shadow' ? { earlier: [] } : await local('find the comparisons before').earlierComparisons({ endpoint, champion, candidate, policy: story.plan.policyHash, watermark });
  const { measured, state } = await compute(`compare with ${versionKey(champion)} through ${moment(cohort.to)}`).measure({
    key: `${story.status.id}/${phase}/${watermark}/${versionKey(champion)}`, catalogue, plan: story.planHash, phase, champion, candidate, cohort, watermark, challengeFrom, earlier,
  });
  const outcome = typed(() => decide(story.plan.policy, measured, { kind: story.status.kind, phase, startedAt, policyHash: story.plan.policyHash }));
  const evidence: Evidence = {
    v: 1, policy: story.plan.policyHash, phase, champion, candidate, cohort, watermark, segments: measured.segments, effects: outcome.effects,
    coverage: measured.coverage, mismatch: mismatchOf(outcome, measured.exposures), state,
  };
  const { hash } = await local('store the evidence').putEvidence({ evidence });
  story.set({ verdict: outcome.verdict, reasons: outcome.reasons, effects: outcome.effects });
  return { outcome, evidence: hash, champion };
}

function mismatchOf(outcome: Outcome, exposures: readonly { champion: number; challenger: number }[] | null): Evidence['mismatch'] {
  const eValue = outcome.numbers['mismatchEValue'];
  if (exposures === null || eValue === undefined || eValue === null) return null;
  const sum = (arm: 'champion' | 'challenger'): number => exposures.reduce((total, day) => total + day[arm], 0);
  return { eValue, counts: [sum('champion'), sum('challenger')] };
}

/** What was declared a change stays one: the stricter question was asked for. A recorded history may lack the recipe. */
function judgedKind({ spec, plan }: Story, champion: ChampionFacts, { service, trainer, file }: Trained): Kind {
  if (spec.kind === 'change' || !champion.recipe) return spec.kind;
  return kindOf(champion.recipe, { task: plan.model.task, featureService: service, trainer, code: file.code });
}

/** Why an outcome is what it is, in one sentence. */
export const because = (outcome: Outcome): string => (outcome.reasons.length === 0 ? outcome.verdict : outcome.reasons.map(renderReason).join('; '));

/**
 * The route as the candidate stands in it, or the end of the story when it has no place there any more. Says what the
 * candidate is to this champion: one that was launched as a refresh is judged as a change when its recipe is another.
 */
export async function standing(story: Story, expected: Role, trained: Trained): Promise<{ table: RouteTable; champion: VersionRef }> {
  const { table, champion } = await local('read the route').endpointHead({ endpoint: story.spec.endpoint });
  if (table === null || champion === null) throw new Ending('failed', 'the endpoint has no champion', { reasons: [{ code: 'NO_CHAMPION', numbers: {} }] });
  const role = roleOf(table, story.version);
  if (role !== expected) {
    story.keep();
    throw new Ending('rejected', `a decision outside of this lifecycle made it ${role ?? 'leave the route'}`, { verdict: 'fail', reasons: [reasonOf('WITHDRAWN', { epoch: table.epoch })] });
  }
  // A change must beat whoever is champion; a refresh that is older than the champion has nothing to bring.
  if (story.spec.kind === 'refresh' && champion.trainedThrough !== null && champion.trainedThrough > trained.snapshot.asOf) {
    throw new Ending('rejected', `superseded: ${versionKey(champion.version)} was trained on later data`, {
      verdict: 'undetermined', reasons: [reasonOf('SUPERSEDED', { trainedThrough: trained.snapshot.asOf, championTrainedThrough: champion.trainedThrough })],
    });
  }
  story.set({ kind: judgedKind(story, champion, trained) });
  return { table, champion: champion.version };
}
