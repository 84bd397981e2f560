import { afterEach, describe, expect, it } from 'vitest';
import { Catalogue, DAY_US, MettleError, hashOf, type DecisionInput, type Evidence, type Hash, type MonitorResult, type RawSegment, type SegmentRef, type ServerLease, type Snapshot, type VersionRef } from '@mettle/contracts';
import { ENDPOINT, openControlRoom, planOf, robot, statusOf, type ControlRoom } from '../testing/control-room.ts';

const spec = { endpoint: ENDPOINT, cause: 'c', kind: 'refresh' as const };
const observation = (requestId: string) => ({ requestId, keys: { plane: 'N1' }, request: {}, at: 5 });
const lease = (more: Partial<ServerLease> = {}): ServerLease => ({ v: 1, server: 's', endpoint: ENDPOINT, epoch: 0, sealedThrough: null, sealed: [], unsealed: null, departed: false, renewedAt: 0, ...more });
const say = (action: DecisionInput['action'], version: VersionRef, key: string, share: number | null = null): DecisionInput => ({
  endpoint: ENDPOINT, at: 10, action, phase: null, version, verdict: null, reasons: [], evidence: null, policy: null, by: robot, note: '', share, key,
});

describe('the control activities', () => {
  const rooms: ControlRoom[] = [];
  const open = async (...args: Parameters<typeof openControlRoom>): Promise<ControlRoom> => {
    const room = await openControlRoom(...args);
    rooms.push(room);
    return room;
  };
  afterEach(async () => { for (const room of rooms.splice(0)) await room.close(); });

  it('seal each piece until it is registered, and then never again, across a restart too', async () => {
    const room = await open();
    await room.registry.declareEndpoint(planOf());
    await room.observations.append(ENDPOINT, [observation('a')]);
    const seal = (one: ControlRoom, watermark: number) => one.activities.sealLogs({ key: `s/${watermark}`, endpoint: ENDPOINT, watermark });
    const first = await seal(room, 100);
    expect(first.raws.map((raw) => raw.log)).toEqual(['observations']);
    expect((await seal(room, 100)).raws).toEqual(first.raws);

    // Registered, but the process ends before it could forget the files.
    await room.registry.registerStep({ endpoint: ENDPOINT, watermark: 100, raws: first.raws, segments: [] });
    await room.leave();
    const again = await openControlRoom({}, room.folder);
    rooms.splice(0, 1, again);
    expect((await seal(again, 200)).raws).toEqual([]);
    await again.observations.append(ENDPOINT, [observation('b')]);
    // What has come since is of no step that is decided.
    expect((await seal(again, 100)).raws).toEqual([]);
    const second = await seal(again, 200);
    expect(second.raws).toHaveLength(1);
    expect(second.raws[0]?.hash).not.toBe(first.raws[0]?.hash);
  });

  it("take a server's pieces with its lease, and tell it when they are registered", async () => {
    const room = await open();
    await room.registry.declareEndpoint(planOf());
    const piece = { log: 'predictions' as const, writer: 's', hash: hashOf('p'), bytes: 1, rows: 4, sequences: { from: 1, to: 4 } };
    await room.hub.lease(lease());
    const sealing = room.activities.sealLogs({ key: 's', endpoint: ENDPOINT, watermark: 7 });
    await room.hub.lease(lease({ sealedThrough: 7, sealed: [piece] }));
    const { raws } = await sealing;
    expect(raws).toEqual([piece]);
    const segment = { table: 'predictions' as const, name: '', hash: hashOf('parquet'), bytes: 1, rows: 4, range: { from: 1, to: 7 }, sequences: { from: 1, to: 4 } };
    const { catalogue } = await room.activities.registerSegments({ key: 'r', endpoint: ENDPOINT, watermark: 7, raws, segments: [segment] });
    expect(await room.blobs.getJson(catalogue, Catalogue)).toEqual({ v: 1, endpoint: ENDPOINT, watermark: 7, segments: [segment], services: {} });
    expect(await room.activities.catalogue({ endpoint: ENDPOINT, watermark: 7 })).toEqual({ catalogue });
    expect((await room.hub.lease(lease({ sealedThrough: 7, sealed: [piece] }))).acknowledged).toEqual([piece.hash]);
    expect(await room.registry.watermark(ENDPOINT)).toBe(7);
  });

  it('show every endpoint the logs that they share, through a kill between a seal and its registration', async () => {
    let room = await open();
    const step = {
      seal: (endpoint: string, watermark: number) => room.activities.sealLogs({ key: `s/${endpoint}/${watermark}`, endpoint, watermark }),
      register: async (endpoint: string, watermark: number, raws: RawSegment[]): Promise<SegmentRef[]> => {
        const groups = [...new Set(raws.map((raw) => raw.batch))].map((batch) => raws.filter((raw) => raw.batch === batch));
        const segments = groups.map((group): SegmentRef => ({ table: 'observations', name: '', hash: hashOf(group.map((raw) => raw.hash)), bytes: 1, rows: group.reduce((rows, raw) => rows + raw.rows, 0), range: { from: 5, to: 6 }, sequences: { from: Math.min(...group.map((raw) => raw.sequences.from)), to: Math.max(...group.map((raw) => raw.sequences.to)) } }));
        const { catalogue } = await room.activities.registerSegments({ key: `r/${endpoint}/${watermark}`, endpoint, watermark, raws, segments });
        return (await room.blobs.getJson(catalogue, Catalogue)).segments;
      },
    };
    const rowsOf = (segments: readonly SegmentRef[]): number => segments.reduce((rows, segment) => rows + segment.rows, 0);
    await room.observations.append(ENDPOINT, [observation('a')]);
    await room.observations.append('other', [observation('b')]);
    const sealed = await step.seal(ENDPOINT, 100);
    expect(sealed.raws.every((raw) => raw.batch === undefined)).toBe(true);
    await room.leave();
    room = await openControlRoom({}, room.folder);
    rooms.splice(0, 1, room);

    await room.observations.append('other', [observation('c')]);
    const both = await step.seal('other', 7);
    expect(new Set(both.raws.map((raw) => raw.batch)).size).toBe(2);
    const first = await step.register('other', 7, both.raws);
    expect(rowsOf(first)).toBe(3);
    // The workflow of the other endpoint goes on with what it had sealed.
    expect(await step.register(ENDPOINT, 100, sealed.raws)).toEqual(first);
    expect((await step.seal(ENDPOINT, 101)).raws).toEqual([]);
    expect(rowsOf(await step.register('later', 1, (await step.seal('later', 1)).raws))).toBe(3);

    await room.observations.append('other', [observation('d')]);
    const { raws } = await step.seal(ENDPOINT, 102);
    expect(rowsOf(await step.register(ENDPOINT, 102, raws))).toBe(4);
    expect(rowsOf(await room.registry.segmentsUpTo('other', 7))).toBe(3);
    expect(rowsOf(await step.register('other', 8, (await step.seal('other', 8)).raws))).toBe(4);
  });

  it('publish what they commit, and the same again for the same key', async () => {
    const room = await open();
    await room.registry.declareEndpoint(planOf());
    const version = await room.qualified('one');
    const commit = () => room.activities.commitDecision({ endpoint: ENDPOINT, expectedEpoch: 0, decision: say('deploy', version, 'k') });
    const first = await commit();
    expect(room.hub.table(ENDPOINT)?.champion).toEqual(version);
    expect(await commit()).toEqual(first);
    const head = await room.activities.endpointHead({ endpoint: ENDPOINT });
    expect(head.champion).toEqual({ version, since: 10, referenceProfile: hashOf('profile'), referenceLoss: 0.4, trainedThrough: null, recipe: { task: 'binary', featureService: hashOf('service'), trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, code: 'abc' } });
    await expect(room.activities.commitDecision({ endpoint: ENDPOINT, expectedEpoch: 0, decision: say('deploy', version, 'other') })).rejects.toMatchObject({ code: 'STALE_EPOCH' });
  });

  it('let one candidate past shadow, its bake included', async () => {
    const said: string[] = [];
    const room = await open({ decide: (decision) => Promise.resolve(void said.push(decision.key)) as never });
    const [a, b] = [{ model: 'trips', version: 1 }, { model: 'trips', version: 2 }];
    await room.activities.saveLifecycle({ spec, status: statusOf('a', { version: a, phase: 'bake' }) });
    const ask = () => room.activities.updateEndpoint({ endpoint: ENDPOINT, decision: say('startChallenge', b, 'b/challenge', 2000) });
    await expect(ask()).rejects.toMatchObject({ code: 'CHALLENGE_TAKEN' });
    await room.activities.saveLifecycle({ spec, status: statusOf('a', { version: a, phase: 'bake', state: 'done' }) });
    await ask();
    expect(said).toEqual(['b/challenge']);
  });

  it('remember the shadows of the half year before that did not fail, turned by which model of the pair is fresher', async () => {
    const room = await open();
    const plan = planOf();
    const { policyHash } = await room.registry.declareEndpoint(plan).then(({ plan: declared }) => declared);
    const old = 200 * DAY_US;
    const trainedAt = async (name: string, asOf: number | null): Promise<VersionRef> => {
      const snapshot: Snapshot = { v: 1, manifest: hashOf(name), service: hashOf('service'), asOf: asOf ?? 0, range: { from: 0, to: 1 }, rows: 1, labelled: 1, schema: hashOf('schema'), profile: hashOf('profile') };
      if (asOf !== null) await room.registry.saveSnapshot(snapshot, ENDPOINT);
      return room.qualified(name, { snapshot: hashOf(name) });
    };
    const [first, second, third, imported] = [await trainedAt('first', 10), await trainedAt('second', 20), await trainedAt('third', 30), await trainedAt('imported', null)];
    let epoch = 0;
    const commit = async (action: DecisionInput['action'], version: VersionRef, at: number, more: Partial<DecisionInput> = {}): Promise<void> => {
      const { table } = await room.activities.commitDecision({ endpoint: ENDPOINT, expectedEpoch: epoch, decision: { ...say(action, version, `${action}/${version.version}/${at}`, action === 'startChallenge' ? 2000 : null), at, ...more } });
      epoch = table.epoch;
    };
    const evidenceOf = async (champion: VersionRef, candidate: VersionRef, state: string, more: Partial<Evidence> = {}): Promise<Hash> => {
      const coverage = { predictions: 1, labels: 1, dropped: 0 };
      const evidence: Evidence = { v: 1, policy: policyHash, phase: 'shadow', champion, candidate, cohort: { from: 0, to: 1 }, watermark: 1, segments: hashOf('s'), effects: [], coverage: { champion: coverage, candidate: coverage }, mismatch: null, state: hashOf(state), ...more };
      return (await room.activities.putEvidence({ evidence })).hash;
    };
    const judged = async (candidate: VersionRef, champion: VersionRef, at: number, state: string, more: Partial<DecisionInput> = {}, evidence: Partial<Evidence> = {}): Promise<void> => {
      await commit('startShadow', candidate, at);
      await commit('reject', candidate, at, { verdict: 'undetermined', evidence: await evidenceOf(champion, candidate, state, evidence), ...more });
    };
    await commit('deploy', first, 1);
    await judged(second, first, 2, 'too long ago');
    const other = { ...plan.policy, slot: { ...plan.policy.slot, width: plan.policy.slot.width * 2 } };
    await judged(second, first, old, 'other slots', {}, { policy: await room.blobs.putJson(other) });
    await judged(second, first, old + 1, 'fresher');
    await judged(second, third, old + 2, 'older');
    await judged(imported, first, old + 3, 'nobody knows');
    await judged(third, first, old + 4, 'failed', { verdict: 'fail' });
    await judged(third, first, old + 5, 'another phase', {}, { phase: 'bake' });
    await commit('startShadow', third, old + 6);
    await commit('startChallenge', third, old + 6, { verdict: 'pass', evidence: await evidenceOf(first, third, 'passed') });
    await commit('reject', third, old + 7);
    await judged(second, first, old + 8, 'at this very watermark');

    const ask = async (candidate: VersionRef, champion: VersionRef): Promise<[string, boolean][]> =>
      (await room.activities.earlierComparisons({ endpoint: ENDPOINT, candidate, champion, policy: policyHash, watermark: old + 8 })).earlier.map(({ state, reversed }) => [state, reversed]);
    expect(await ask(third, first)).toEqual([[hashOf('passed'), false], [hashOf('older'), true], [hashOf('fresher'), false]]);
    expect(await ask(first, second)).toEqual([[hashOf('passed'), true], [hashOf('older'), false], [hashOf('fresher'), true]]);
    expect(await ask(imported, second)).toEqual([[hashOf('nobody knows'), false]]);
  });

  it('tick lifecycles one after the other, and end one whose workflow is gone', async () => {
    const order: string[] = [];
    const room = await open({
      tick: async (id) => {
        order.push(`${id} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${id} ends`);
        if (id === 'gone') throw new MettleError('INTERNAL', 'terminated');
        return statusOf(id, { watermark: 3 });
      },
      whyGone: () => Promise.resolve('terminated'),
    });
    for (const id of ['one', 'gone']) await room.activities.saveLifecycle({ spec, status: statusOf(id) });
    const { lifecycles } = await room.activities.tickLifecycles({ endpoint: ENDPOINT, watermark: 3, ids: ['one', 'gone'] });
    expect(order).toEqual(['one begins', 'one ends', 'gone begins', 'gone ends']);
    expect(lifecycles.map((status) => status.state)).toEqual(['waiting', 'failed']);
    expect((await room.registry.lifecycle('gone')).status).toMatchObject({ state: 'failed', endedAt: 3 });
  });

  it('keep what a tick said of a lifecycle that stored itself only during it', async () => {
    const room: Awaited<ReturnType<typeof open>> = await open({
      tick: async (id, watermark) => {
        await room.activities.saveLifecycle({ spec, status: statusOf(id, { phase: 'train' }) });
        return statusOf(id, { phase: 'shadow', version: { model: 'trips', version: 1 }, watermark });
      },
    });
    await room.activities.tickLifecycles({ endpoint: ENDPOINT, watermark: 3, ids: ['new'] });
    expect((await room.registry.lifecycle('new')).status).toMatchObject({ phase: 'shadow', version: { version: 1 }, watermark: 3 });
  });

  it('fold results into incidents, the same for a repeated step', async () => {
    const room = await open();
    await room.registry.declareEndpoint(planOf());
    const version = await room.qualified('one');
    await room.activities.commitDecision({ endpoint: ENDPOINT, expectedEpoch: 0, decision: say('deploy', version, 'k') });
    const breach = (at: number): MonitorResult => ({ v: 1, monitor: 'loss', kind: 'performance', endpoint: ENDPOINT, version, metric: 'log_loss', column: null, segment: null, at, value: 0.9, threshold: 0.5, pValue: null, rows: { reference: 10, current: 10 }, state: 'breach', reason: null });
    const fold = (n: number) => room.activities.foldIncidents({ key: `f/${n}`, endpoint: ENDPOINT, watermark: n * DAY_US, results: [breach(n * DAY_US)] });
    expect((await fold(1)).opened).toEqual([]);
    const second = await fold(2);
    expect(second.opened).toHaveLength(1);
    expect((await fold(2)).opened).toEqual(second.opened);
    const seen = await room.activities.acknowledgeIncident({ incidentId: second.opened[0]?.incidentId ?? '', by: 'ann' });
    expect(seen).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ann' });
  });

  it('refuse an input that is not one', async () => {
    const room = await open();
    await expect(room.activities.catalogue({ endpoint: 'no name!', watermark: 1 })).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { activity: 'catalogue', field: 'endpoint' } });
    await expect(room.activities.loadService({ service: hashOf('none') })).rejects.toMatchObject({ code: 'UNKNOWN_SERVICE' });
  });
});
