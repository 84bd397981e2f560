import { emptyTable, transition } from '@mettle/routing';
import {
  DAY_US, MettleError, days, hashOf, hours, sameVersion, versionKey,
  type CandidateSpec, type ComputeActivities, type ControlActivities, type Decision, type EndpointPlan, type Evidence, type Hash, type Incident, type LifecycleStatus, type Measured, type ModelManifestInput, type MonitorResult, type ParityReport, type PastSlot, type Policy, type RouteTable, type Snapshot, type TimeUs, type Verdict, type VersionRef,
} from '@mettle/contracts';

export interface PlanChange { readonly policy?: Partial<Policy>; readonly monitors?: EndpointPlan['monitors'] }

export const DAY0: TimeUs = 1_362_096_000_000_000; // 2013-03-01
export const day = (n: number): TimeUs => DAY0 + n * DAY_US;

/** An endpoint's plan; `change` alters its policy or monitors. */
export function planOf(endpoint: string, change: PlanChange = {}): EndpointPlan {
  const policy: Policy = {
    v: 1, name: 'careful', success: { metric: 'log_loss', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 0.01 }, change: { rule: 'superior' },
    guardrails: [], segments: [], slot: { width: hours(3), pooled: true, lag: 8 }, minSlots: 20, alpha: 0.05, mismatchAlpha: 0.001, tunedFor: 56, stickyKeys: ['plane'],
    maturation: days(1), minCoverage: 0.5, maxCoverageGap: 0.2,
    shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 3 }, challenge: { share: 2000, min: days(3), max: days(14) }, bake: days(3), slowAfter: null,
    approval: { by: 'policy', notTheAuthor: false }, retrain: { onIncident: true, onConfirmedDrift: true, maxAge: days(7), cooldown: days(3) },
    offline: { bounds: [{ metric: 'log_loss', atMost: 0.6, atLeast: null }], reportedTolerance: 1e-4 },
    ...change.policy,
  };
  return {
    v: 1, endpoint, clock: 'event', cadence: DAY_US, policy, policyHash: hashOf(policy), monitors: change.monitors ?? [],
    model: { v: 1, model: 'lateness', task: 'binary', service: hashOf('service'), trainer: { name: 'lightgbm', parameters: {}, seed: 7 }, holdout: days(14), lookback: null, owner: 'ops' },
    overrides: [],
  };
}

/** What the world answers where a real one would compute; a test changes what it is about. */
export interface Answers {
  /** candidate minus champion, mean loss a row. */
  difference: (candidate: VersionRef, champion: VersionRef, at: TimeUs) => number;
  parity: (snapshot: Hash) => ParityReport;
  recomputed: (file: Hash) => number;
  train: (key: string) => Promise<void> | void;
  monitors: (watermark: TimeUs) => MonitorResult[];
  fold: (watermark: TimeUs, results: MonitorResult[]) => { opened: Incident[]; closed: Incident[]; open: Incident[] };
  notify: (channel: string, news: string) => boolean;
  labelled: boolean;
  /** What earlier comparisons left, for a shadow that asks for them. */
  past: PastSlot[];
}

/** A world in memory behind the activity interfaces: the route is decided by the real transitions, the numbers are given. */
export function createWorld(plan: EndpointPlan) {
  const { endpoint } = plan;
  const calls: string[] = [];
  const decisions: Decision[] = [];
  const byKey = new Map<string, { decision: Decision; table: RouteTable }>();
  const versions = new Map<string, { manifest: ModelManifestInput; qualified: Verdict | null; trainedThrough: TimeUs }>();
  const snapshots = new Map<Hash, Snapshot>();
  const statuses = new Map<string, LifecycleStatus>();
  const evidence = new Map<Hash, Evidence>();
  const delivered: string[] = [];
  let table: RouteTable = emptyTable(endpoint, plan);
  let championSince: TimeUs = 0;
  let tick: (id: string, watermark: TimeUs) => Promise<LifecycleStatus> = () => Promise.reject(new Error('not wired'));
  let advance: (watermark: TimeUs) => Promise<{ moved: boolean }> = () => Promise.reject(new Error('not wired'));
  let update: ControlActivities['updateEndpoint'] = () => Promise.reject(new Error('not wired'));
  const answers: Answers = {
    difference: () => -0.005,
    parity: () => ({ verdict: 'pass', rows: 1000, mismatches: 0, report: hashOf('report') }),
    recomputed: () => 0.45,
    train: () => undefined,
    monitors: () => [],
    fold: () => ({ opened: [], closed: [], open: [] }),
    notify: () => true,
    labelled: true,
    past: [],
  };

  const snapshotOf = (asOf: TimeUs, from: TimeUs): Snapshot => {
    const snapshot: Snapshot = { v: 1, manifest: hashOf({ asOf, from }), service: plan.model.service, asOf, range: { from, to: asOf }, rows: 1000, labelled: 900, schema: hashOf('schema'), profile: hashOf({ profile: asOf }) };
    snapshots.set(snapshot.manifest, snapshot);
    return snapshot;
  };

  const compute: ComputeActivities = {
    compact: () => Promise.resolve({ segments: [] }),
    joinSnapshot: ({ asOf, range }) => Promise.resolve(snapshotOf(asOf, range.from)),
    train: async ({ key, snapshot }) => {
      calls.push(`train ${key}`);
      await answers.train(key);
      const file = hashOf({ key, snapshot });
      return { file, bytes: 10, opset: 15, fitted: hashOf('fitted'), environment: hashOf('environment'), code: 'abc', log: hashOf('log'), reported: { training: { log_loss: 0.4 }, holdout: { log_loss: 0.45 } } };
    },
    evaluateOffline: ({ file }) => {
      const metric = (value: number) => ({ value, standardError: null, rows: 100 });
      return Promise.resolve({ signature: { inputs: [], outputs: [] }, training: { log_loss: metric(0.4) }, holdout: { log_loss: metric(answers.recomputed(file)) }, smoke: { rows: 10, finite: true, p50Us: 10 } });
    },
    auditParity: ({ subject }) => Promise.resolve(answers.parity(subject.kind === 'snapshot' ? subject.snapshot : '')),
    score: () => Promise.reject(new Error('not here')),
    scoreRows: () => Promise.reject(new Error('not here')),
    servedLoss: () => Promise.reject(new Error('not here')),
    measure: ({ phase, champion, candidate, cohort, watermark, challengeFrom, earlier }) => {
      calls.push(`measure ${phase} ${versionKey(candidate)} against ${versionKey(champion)} over ${(cohort.to - cohort.from) / DAY_US} days at ${(watermark - DAY0) / DAY_US}`);
      const slots: Measured['series'][number]['slots'] = [];
      const rows = 100;
      for (let at = cohort.from, i = 0; at < cohort.to; at += plan.policy.slot.width, i++) {
        const mean = answers.difference(candidate, champion, at) + (i % 2 === 0 ? 0.001 : -0.001);
        slots.push({ at, rows, sum: mean * rows, champion: 0.5 * rows, candidate: (0.5 + mean) * rows });
      }
      const labels = answers.labelled ? slots.length * rows : 0;
      const coverage = { predictions: slots.length * rows, labels, dropped: 0 };
      const split = challengeFrom === null ? null : Math.max(0, Math.round((watermark - challengeFrom) / DAY_US));
      const measured: Measured = {
        v: 1, phase, champion, candidate, cohort, watermark, segments: hashOf('segments'), series: [{ metric: 'log_loss', segment: null, slots: answers.labelled ? slots : [] }], coverage: { champion: coverage, candidate: coverage },
        exposures: split === null ? null : Array.from({ length: split }, () => ({ champion: 80, challenger: 20 })),
        past: earlier?.length ? answers.past : [],
        service: split === null ? null : { champion: { requests: 800 * split, errors: 0, slow: null }, challenger: { requests: 200 * split, errors: 0, slow: null } },
      };
      return Promise.resolve({ measured, state: hashOf(measured) });
    },
    monitor: ({ watermark }) => {
      calls.push(`monitor ${(watermark - DAY0) / DAY_US}`);
      return Promise.resolve({ results: answers.monitors(watermark), profiles: [] });
    },
  };

  const unknown = (what: string): MettleError => new MettleError('NOT_FOUND', what);
  const control: ControlActivities = {
    loadPlan: () => Promise.resolve({ plan, hash: hashOf(plan) }),
    sealLogs: ({ watermark }) => Promise.resolve({ raws: [{ log: 'events', writer: '0', hash: hashOf({ raw: watermark }), bytes: 1, rows: 3, sequences: { from: 1, to: 3 } }], services: {} }),
    registerSegments: ({ watermark }) => Promise.resolve({ catalogue: hashOf({ catalogue: watermark }) }),
    registerBatch: () => Promise.resolve({}),
    catalogue: ({ watermark }) => Promise.resolve({ catalogue: hashOf({ catalogue: watermark }) }),
    foldIncidents: ({ watermark, results }) => Promise.resolve(answers.fold(watermark, results)),
    loadService: () => Promise.resolve({ definition: hashOf('definition') }),
    register: ({ key, manifest }) => {
      const known = [...versions.entries()].find(([, row]) => row.manifest.file === manifest.file);
      const version = known ? Number(known[0].split('@')[1]) : versions.size + 1;
      calls.push(`register ${key}`);
      versions.set(`${manifest.model}@${version}`, { manifest, qualified: null, trainedThrough: snapshots.get(manifest.snapshot ?? '')?.asOf ?? 0 });
      return Promise.resolve({ model: manifest.model, version });
    },
    qualify: ({ version, verdict }) => {
      const row = versions.get(versionKey(version));
      if (row === undefined) throw unknown('version');
      row.qualified = verdict;
      return Promise.resolve({ stage: verdict === 'pass' ? 'staging' : 'development' });
    },
    earlierComparisons: ({ watermark }) => Promise.resolve({ earlier: answers.past.length === 0 ? [] : [{ state: hashOf({ before: watermark }), reversed: false }] }),
    putEvidence: ({ evidence: one }) => {
      const hash = hashOf(one);
      evidence.set(hash, one);
      return Promise.resolve({ hash });
    },
    commitDecision: ({ expectedEpoch, decision: { key, share, ...facts } }) => {
      const done = byKey.get(key);
      if (done) return Promise.resolve(done);
      if (expectedEpoch !== table.epoch) throw new MettleError('STALE_EPOCH', 'stale', { epoch: table.epoch });
      if (['deploy', 'startShadow', 'promote'].includes(facts.action) && versions.get(versionKey(facts.version))?.qualified !== 'pass') throw new MettleError('NOT_QUALIFIED', 'not qualified');
      const files = { [versionKey(facts.version)]: { file: hashOf('f'), fitted: null, service: null, definition: null, manifest: hashOf('m') } };
      const moved = transition(table, { ...facts, share: share ?? null }, files);
      if (!sameVersion(moved.table.champion, table.champion)) championSince = facts.at;
      const previous = decisions.at(-1)?.hash ?? '0'.repeat(64);
      const link = { v: 1 as const, ...facts, sequence: decisions.length + 1, previous, recordedAt: 0, replaced: moved.replaced, epochBefore: table.epoch, epochAfter: moved.changed ? moved.table.epoch : null };
      const decision: Decision = { ...link, hash: hashOf(link) };
      table = moved.table;
      decisions.push(decision);
      byKey.set(key, { decision, table });
      return Promise.resolve({ decision, table });
    },
    routeHead: () => Promise.resolve({ table: table.epoch === 0 ? null : table }),
    endpointHead: () => {
      const champion = table.champion;
      const row = champion === null ? undefined : versions.get(versionKey(champion));
      return Promise.resolve({ plan: hashOf(plan), table, champion: champion === null ? null : { version: champion, since: championSince, referenceProfile: row?.manifest.referenceProfile ?? null, referenceLoss: 0.45, trainedThrough: row?.trainedThrough ?? null, recipe: row === undefined ? null : { task: row.manifest.task, featureService: row.manifest.featureService, trainer: row.manifest.trainer, code: row.manifest.code } } });
    },
    awaitServers: () => Promise.resolve({ servers: 1 }),
    tickLifecycles: async ({ watermark, ids }) => {
      const lifecycles: LifecycleStatus[] = [];
      for (const id of ids) {
        calls.push(`tick ${id.split('/').at(-1)} ${(watermark - DAY0) / DAY_US}`);
        const status = await tick(id, watermark);
        statuses.set(id, status);
        lifecycles.push(status);
      }
      return { lifecycles };
    },
    advanceClock: ({ watermark }) => advance(watermark),
    updateEndpoint: (input) => {
      const passing = [...statuses.values()].some((status) => ['challenge', 'approve', 'promote', 'bake'].includes(status.phase) && status.endedAt === null && !input.decision.key.startsWith(`${status.id}/`));
      if (input.decision.action === 'startChallenge' && passing) throw new MettleError('CHALLENGE_TAKEN', 'another candidate is past shadow');
      return update(input);
    },
    notify: ({ channel, news, incident }) => {
      if (!answers.notify(channel, news)) throw new MettleError('UNAVAILABLE', 'the channel does not answer');
      delivered.push(`${channel} ${news} ${incident.incidentId}`);
      return Promise.resolve({ delivered: true });
    },
    channels: () => Promise.resolve({ channels: ['ops', 'oncall'] }),
    saveLifecycle: ({ status }) => {
      statuses.set(status.id, status as LifecycleStatus);
      return Promise.resolve({});
    },
    loadSnapshot: ({ snapshot }) => {
      const known = snapshots.get(snapshot);
      if (!known) throw new MettleError('UNKNOWN_SNAPSHOT', 'unknown');
      return Promise.resolve(known);
    },
    saveSnapshot: () => Promise.resolve({}),
    acknowledgeIncident: ({ incidentId, by }) => Promise.resolve({ ...incidentOf(endpoint, incidentId, 'performance', 0), state: 'acknowledged' as const, acknowledgedBy: by }),
  };

  return {
    plan, endpoint, answers, calls, decisions, delivered, statuses, evidence, versions, snapshotOf, compute, control,
    get table(): RouteTable { return table; },
    /** A break-glass change, past the workflow. */
    direct: (input: Parameters<ControlActivities['commitDecision']>[0]['decision']) => control.commitDecision({ endpoint, expectedEpoch: table.epoch, decision: input }),
    /** An older state of the database. */
    restore: (older: RouteTable): void => { table = older; },
    wire(clients: { tick: typeof tick; update: typeof update; advance: typeof advance }): void {
      tick = clients.tick;
      advance = clients.advance;
      update = clients.update;
    },
    /** `action version` in order. */
    story: (): string[] => decisions.map((d) => `${d.action} ${versionKey(d.version)} at ${(d.at - DAY0) / DAY_US}`),
  };
}
export type World = ReturnType<typeof createWorld>;

export const incidentOf = (endpoint: string, incidentId: string, kind: Incident['kind'], openedAt: TimeUs): Incident => ({
  v: 1, incidentId, endpoint, version: { model: 'lateness', version: 1 }, monitor: 'loss', kind, metric: 'log_loss', segment: null, state: 'open', openedAt, closedAt: null, numbers: {}, evidence: hashOf(incidentId), acknowledgedBy: null, suspects: [],
});

export const specOf = (endpoint: string, cause: string, more: Partial<CandidateSpec> = {}): CandidateSpec => ({ endpoint, cause, kind: 'refresh', service: null, trainer: null, snapshot: null, initial: false, note: '', by: null, ...more });
