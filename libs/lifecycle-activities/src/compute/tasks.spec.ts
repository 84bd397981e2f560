import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_US, HOUR_US, Policy, days, hashOf, hours, isMettleError, type EndpointPlan, type LabelSpace, type Measured, type ModelPlan, type PolicyInput, type Value } from '@mettle/contracts';
import { sqlString } from '@mettle/duckdb';
import { pairedSlots, rowLoss } from '@mettle/evaluation';
import { loadModel, type LoadedModel } from '@mettle/inference';
import { findings } from '@mettle/lifecycle';
import { checkPlan, decide } from '@mettle/promotion';
import { ENDPOINT, chance, day, definition, openLived, rowsAt, windAt, type Lived, type MomentRow } from '../testing/lived.ts';

interface Case {
  readonly space: LabelSpace;
  readonly policy: Pick<PolicyInput, 'success' | 'refresh'> & Partial<PolicyInput>;
  readonly labelOf: (row: MomentRow) => number;
  /** Labels that are none of the task. */
  readonly unfit: readonly number[];
  readonly holdoutBelow: number;
}
const uniform = (row: MomentRow): number => chance('outcome', row.place, row.at);
const CASES: Record<string, Case> = {
  regression: {
    space: { task: 'regression' }, unfit: [2e8, -1e9], holdoutBelow: 40,
    policy: { success: { metric: 'mae', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 1 }, guardrails: [{ metric: 'mse', margin: 20 }, { metric: 'pinball@0.9', margin: 1 }], offline: { bounds: [{ metric: 'huber@5', atMost: 100 }, { metric: 'r2', atLeast: 0.3 }] } },
    labelOf: (row) => Math.round(2 * windAt(row.place, row.at) + 20 * (uniform(row) - 0.5) + (row.request.carrier === 'UA' ? 8 : 0)),
  },
  multiclass: {
    space: { task: 'multiclass', classes: 4 }, unfit: [4, -1, 1.5], holdoutBelow: Math.log(4),
    policy: { success: { metric: 'log_loss', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 0.1 }, guardrails: [{ metric: 'accuracy', margin: 0.1 }, { metric: 'brier', margin: 0.1 }] },
    labelOf: (row) => Math.min(3, Math.max(0, Math.floor((windAt(row.place, row.at) + 12 * (uniform(row) - 0.5)) / 10))),
  },
};

const planOf = ({ space, policy: own }: Case, service: string): EndpointPlan => {
  const policy = Policy.parse({
    v: 1, name: 'careful', change: { rule: 'superior' }, segments: [{ column: 'origin', margin: 50 * own.refresh.margin }], slot: { width: hours(3), pooled: true, lag: 8 }, minSlots: 20, alpha: 0.05, tunedFor: 56, stickyKeys: ['origin'],
    maturation: days(1), minCoverage: 0.5, maxCoverageGap: 0.2, shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 3 }, challenge: { share: 2000, min: days(3), max: days(14) }, bake: days(3),
    approval: { by: 'policy', notTheAuthor: false }, retrain: { onIncident: true, onConfirmedDrift: true, maxAge: null, cooldown: days(3) }, ...own,
  });
  const monitor = { v: 1 as const, endpoint: ENDPOINT, columns: [], window: days(5), every: DAY_US, alpha: 0.001, hysteresis: { k: 2, n: 3, closeBelow: 0.8 } };
  return {
    v: 1, endpoint: ENDPOINT, clock: 'event', cadence: DAY_US, policy, policyHash: hashOf(policy), overrides: [],
    monitors: [{ ...monitor, name: 'loss', kind: 'performance', metric: policy.success.metric, floor: 20 * own.refresh.margin }, { ...monitor, name: 'scores', kind: 'outputDrift', metric: 'psi', floor: 5 }, { ...monitor, name: 'share', kind: 'coverage', metric: 'share', floor: 0.9 }],
    model: { v: 1, model: ENDPOINT, ...space, service, trainer: { name: 'lightgbm', parameters: { num_iterations: 40, num_leaves: 7 }, seed: 7 }, holdout: days(5), lookback: null, owner: 'ml' },
  };
};

/** Twenty days of history, eight that two versions answer, and a day for the last outcomes. */
describe.each(Object.keys(CASES))('a life of %s', (name) => {
  const one = CASES[name] as Case;
  const { space, labelOf } = one;
  let lived: Lived;
  let plan: EndpointPlan;
  let planHash: string;
  beforeAll(async () => {
    lived = await openLived(labelOf);
    plan = planOf(one, lived.service);
    planHash = await lived.blobs.putJson(plan);
    await lived.live(0, 20);
    await lived.seal();
  });
  afterAll(() => lived.close());

  const trained = async (key: string, trainer: ModelPlan['trainer']) => {
    const { activities } = lived;
    const catalogue = await lived.catalogue(day(20));
    const snapshot = await activities.joinSnapshot({ key, catalogue, service: lived.service, definition: lived.definition, asOf: day(20), range: { from: 0, to: day(20) }, space });
    const common = { key, definition: lived.definition, ...space, snapshot: snapshot.manifest, holdoutFrom: day(15) };
    const [file, parity] = await Promise.all([activities.train({ ...common, model: ENDPOINT, trainer }), activities.auditParity({ key, catalogue, subject: { kind: 'snapshot', snapshot: snapshot.manifest, service: lived.service, definition: lived.definition } })]);
    const metrics = [plan.policy.success, ...plan.policy.guardrails, ...plan.policy.offline.bounds].map(({ metric }) => metric);
    const offline = await activities.evaluateOffline({ ...common, file: file.file, fitted: file.fitted, metrics });
    return { file, offline, parity, snapshot };
  };
  const loaded = async ({ file }: Awaited<ReturnType<typeof trained>>): Promise<LoadedModel> => loadModel({ bytes: await lived.blobs.get(file.file), fitted: await lived.blobs.getJson(file.fitted, { parse: (value) => value as never }), definition });

  it('is trained, qualified, served, labelled, measured and decided', async () => {
    checkPlan(plan);
    const champion = await trained('champion', plan.model.trainer);
    expect(champion.snapshot).toMatchObject({ rows: 1440, labelled: 1428 });
    expect(findings(plan.policy, champion.offline, champion.file.reported, champion.parity)).toEqual([]);
    const { metric } = plan.policy.success;
    expect(champion.offline.holdout[metric]?.value).toBeLessThan(one.holdoutBelow);
    expect(champion.offline.holdout[metric]?.standardError).toBeGreaterThan(0);
    expect(Object.keys(champion.offline.holdout)).toEqual(expect.arrayContaining(plan.policy.guardrails.map((guardrail) => guardrail.metric)));
    // The trainer's word and the file's figures are of the same rows: each differs when the other is of others.
    const [said] = Object.entries(champion.file.reported.holdout);
    const lie = { ...champion.file.reported, holdout: { [said![0]]: said![1] * 1.01 } };
    expect(findings(plan.policy, champion.offline, lie, champion.parity).map(({ code }) => code)).toEqual([expect.stringMatching(/^REPORTED_METRICS_DIFFER/)]);

    const refresh = await trained('refresh', { ...plan.model.trainer, seed: 8, parameters: { ...plan.model.trainer.parameters, num_iterations: 45 } });
    const bad = await trained('bad', { ...plan.model.trainer, parameters: { ...plan.model.trainer.parameters, num_iterations: 1, learning_rate: 0.01 } });
    const models = await Promise.all([champion, refresh, bad].map(loaded));
    const versions = models.map((model, i) => ({ version: { model: ENDPOINT, version: i + 1 }, model }));
    await lived.live(20, 29, versions);

    // Labels that are none of the task, pushed where nobody could know it, and outcomes of before T.
    const rows = Array.from({ length: 9 * 24 }, (_, hour) => rowsAt(day(20) + hour * HOUR_US)).flat();
    const odd = rows.slice(50, 50 + one.unfit.length);
    await lived.pushLabels([
      ...odd.map((row, i) => lived.labelInput(row, one.unfit[i] as number, { revision: 1 })),
      lived.labelInput(rows[72]!, labelOf(rows[72]!) === 0 ? 1 : 0, { revision: 1, eventTime: rows[72]!.at - 1 }),
    ]);
    await lived.seal();

    const watermark = day(29);
    const catalogue = await lived.catalogue(watermark);
    const cohort = { from: day(20), to: day(28) };
    const measure = async (version: number): Promise<Measured> => (await lived.activities.measure({ key: `m${version}`, catalogue, plan: planHash, phase: 'shadow', champion: versions[0]!.version, candidate: { model: ENDPOINT, version }, cohort, watermark, challengeFrom: null })).measured;
    const measured = await measure(2);
    expect(await lived.activities.auditParity({ key: 'log', catalogue, subject: { kind: 'log', range: cohort } })).toMatchObject({ verdict: 'pass', rows: 648, mismatches: 0 });
    const judged = rows.filter(({ at }) => at < cohort.to);
    const scoresOf = async (model: LoadedModel, of: readonly MomentRow[]): Promise<number[]> => {
      const vectors = await vectorsOf(lived, of);
      const { outputs } = await model.score(vectors);
      return (outputs['probabilities'] ?? outputs['variable'] ?? []).flat();
    };
    const [a, b] = await Promise.all([scoresOf(models[0]!, judged), scoresOf(models[1]!, judged)]);
    for (const decisive of [metric, ...plan.policy.guardrails.map((guardrail) => guardrail.metric)]) {
      const want = pairedSlots(space.task, decisive, { labels: judged.map(labelOf), champion: a, candidate: b, at: judged.map(({ at }) => at) }, plan.policy.slot.width, space.classes);
      const got = measured.series.find((series) => series.metric === decisive && series.segment === null)!.slots;
      expect(got.map(({ at, rows: n }) => [at, n])).toEqual(want.map(({ at, rows: n }) => [at, n]));
      got.forEach((slot, k) => { expect(slot.sum).toBeCloseTo(want[k]!.sum, 6); expect(slot.champion).toBeCloseTo(want[k]!.champion, 6); });
    }
    expect(measured.coverage.champion).toEqual({ predictions: judged.length, labels: judged.length, dropped: 0 });

    const verdict = async (version: number) => decide(plan.policy, await measure(version), { kind: 'refresh', phase: 'shadow', startedAt: day(20), policyHash: plan.policyHash }).verdict;
    expect([await verdict(2), await verdict(3)]).toEqual(['pass', 'fail']);

    // What was served, what would have been, and the monitors of the champion.
    const judging = { catalogue, range: cohort, space, metric };
    const files = { file: champion.file.file, fitted: champion.file.fitted, service: lived.service, definition: lived.definition };
    const [served, scored] = await Promise.all([lived.activities.servedLoss({ key: 's', ...judging }), lived.activities.score({ key: 's', ...judging, schedule: [{ from: 0, ...files }] })]);
    const loss = rowLoss(space.task, metric, space.classes);
    const mean = judged.reduce((sum, row, k) => sum + loss.of([labelOf(row)], space.task === 'multiclass' ? a.slice(k * 4, k * 4 + 4) : [a[k] as number], 0), 0) / judged.length;
    expect(served).toMatchObject({ served: judged.length, labelled: judged.length, duplicated: 0 });
    expect(served.mean).toBeCloseTo(mean, 6);
    expect(scored).toMatchObject({ rows: judged.length, labelled: judged.length, mean: served.mean, byWeek: served.byWeek });
    // Of a service whose vectors were not logged they are joined again; the rows stay those that were served.
    const joined = await lived.activities.score({ key: 'j', ...judging, catalogue: await lived.catalogue(watermark, hashOf('another service')), schedule: [{ from: 0, ...files }] });
    expect({ ...joined, scores: '' }).toEqual({ ...scored, scores: '' });
    const { results } = await lived.activities.monitor({ key: 'w', catalogue, plan: planHash, watermark, champion: versions[0]!.version, referenceProfile: champion.snapshot.profile, referenceLoss: champion.offline.holdout[metric]!.value, championSince: day(24) });
    expect(results.map(({ monitor, state, reason }) => [monitor, state, state === 'undetermined' ? reason : ''])).toEqual([['loss', 'ok', ''], ['scores', 'ok', ''], ['share', 'ok', '']]);

    const batch = await lived.activities.scoreRows({ key: 'b', catalogue, source: { kind: 'snapshot', snapshot: champion.snapshot.manifest }, version: versions[0]!.version, ...files });
    const columns = await lived.db.all<{ column_name: string }>(`DESCRIBE SELECT * FROM read_parquet(${sqlString(await lived.blobs.path(batch.scores))})`);
    expect(batch).toMatchObject({ rows: 1440, failed: 0 });
    expect(columns.map(({ column_name: column }) => column)).toEqual(['prediction_id', 'at', 'k_origin', 'p', 'error', 'version', ...(space.task === 'multiclass' ? ['class', 'probabilities'] : [])]);
    await Promise.all(models.map((model) => model.close()));
  }, 120_000);

  it('is not lived with a file of another task', async () => {
    const other = space.task === 'regression' ? { task: 'binary' as const } : { task: 'regression' as const };
    const file = await trained('champion', plan.model.trainer);
    const evaluated = lived.activities.evaluateOffline({ key: 'other', definition: lived.definition, ...other, file: file.file.file, fitted: file.file.fitted, snapshot: file.snapshot.manifest, holdoutFrom: day(15) }).then(() => 'done', (error: unknown) => (isMettleError(error) ? error.code : String(error)));
    // One value a row may be a probability: its labels and range say that it is none.
    expect(await evaluated).toBe(space.task === 'regression' ? 'INVALID_INPUT' : 'SIGNATURE_MISMATCH');
  }, 60_000);
});

/** The vectors that were logged for rows. */
async function vectorsOf(lived: Lived, rows: readonly MomentRow[]) {
  const catalogue = await lived.catalogue(day(29));
  const snapshot = await lived.activities.joinSnapshot({ key: 'vectors', catalogue, service: lived.service, definition: lived.definition, asOf: day(29), range: { from: day(20), to: day(29) } });
  const { partitions } = await lived.blobs.getJson(snapshot.manifest, { parse: (value) => value as { partitions: { hash: string }[] } });
  const files = await Promise.all(partitions.map(({ hash }) => lived.blobs.path(hash)));
  const found = await lived.db.all<Record<string, Value>>(`SELECT * FROM read_parquet([${files.map(sqlString).join(', ')}])`);
  const byId = new Map(found.map((row) => [row['prediction_id'] as string, row]));
  return rows.map(({ predictionId }) => ['carrier', 'hour', 'wind', 'mean_wind'].map((name) => byId.get(predictionId)?.[`f_${name}`] ?? null));
}
