import { CandidateSpec, LifecycleStatus, type Incident, type MonitorResult, type SegmentRef, type ServerLease, type Snapshot } from '@mettle/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ada, hash, openTestRegistry, type TestRegistry } from './testing/fixtures.ts';

let test: TestRegistry;
beforeAll(async () => void (test = await openTestRegistry()));
afterAll(() => test.close());

const version = { model: 'late', version: 1 };

describe('definitions', () => {
  it('are stored once by hash and listed by kind', async () => {
    const view = { hash: hash('view'), kind: 'featureView' as const, name: 'weather', json: { v: 1 }, blob: null, by: ada };
    const service = { hash: hash('service'), kind: 'featureService' as const, name: 'lateness', json: null, blob: hash('blob'), by: ada };
    expect(await test.registry.saveDefinition(view)).toBe(true);
    expect(await test.registry.saveDefinition({ ...view, name: 'later' })).toBe(false);
    expect(await test.registry.saveDefinition(service)).toBe(true);
    expect(await test.registry.definition(view.hash)).toMatchObject(view);
    expect(await test.registry.definition(service.hash)).toMatchObject(service);
    expect(await test.registry.definition(hash('none'))).toBeNull();
    expect((await test.registry.definitions('featureService')).map((d) => d.name)).toEqual(['lateness']);
    expect(await test.registry.definitions()).toHaveLength(2);
  });
});

describe('segments', () => {
  it('that no step sealed wait for the next one: what a watermark knew never changes', async () => {
    const segment = (i: number): SegmentRef => ({ table: 'predictions', name: '', hash: hash(`segment ${i}`), bytes: i, rows: i, range: { from: i, to: i + 1 }, sequences: { from: i, to: i } });
    const step = (watermark: number, ...segments: SegmentRef[]) => test.registry.registerStep({ endpoint: 'scored', watermark, raws: [], segments });
    await expect(test.registry.registerAfterWatermark('scored', [segment(7)])).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    await step(10, segment(1));
    await test.registry.registerAfterWatermark('scored', [segment(7)]);
    expect(await test.registry.segmentsUpTo('scored', 10)).toEqual([segment(1)]);
    await step(11);
    expect(await test.registry.segmentsUpTo('scored', 11)).toEqual([segment(1), segment(7)]);
    // Again, and later: it stays where it is.
    await test.registry.registerAfterWatermark('scored', [segment(7), segment(8)]);
    expect(await test.registry.segmentsUpTo('scored', 11)).toHaveLength(2);
    await Promise.all([step(12), test.registry.registerAfterWatermark('scored', [segment(9)])]);
    const known = await test.registry.segmentsUpTo('scored', 12);
    expect(await test.registry.segmentsUpTo('scored', 13)).toHaveLength(4);
    expect(await test.registry.segmentsUpTo('scored', 12)).toEqual(known);
  });
});

describe('snapshots', () => {
  it('are kept once by manifest, newest data first', async () => {
    const snapshot = (asOf: number): Snapshot => ({ v: 1, manifest: hash(`m${asOf}`), service: hash('service'), asOf, range: { from: 0, to: asOf }, rows: 1, labelled: 1, schema: hash('schema'), profile: hash('profile') });
    for (const asOf of [10, 30, 20, 10]) await test.registry.saveSnapshot(snapshot(asOf), asOf === 20 ? 'other' : 'late');
    expect((await test.registry.snapshots('late')).map((s) => s.asOf)).toEqual([30, 10]);
    expect((await test.registry.snapshots()).map((s) => s.asOf)).toEqual([30, 20, 10]);
    expect(await test.registry.snapshot(hash('m20'))).toEqual(snapshot(20));
    await expect(test.registry.snapshot(hash('none'))).rejects.toMatchObject({ code: 'UNKNOWN_SNAPSHOT' });
  });
});

describe('servers', () => {
  it('hold one lease each', async () => {
    const lease = (server: string, epoch: number): ServerLease => ({ v: 1, server, endpoint: 'late', epoch, sealedThrough: null, sealed: [], unsealed: null, departed: false, renewedAt: epoch });
    await test.registry.saveLease(lease('b', 1));
    await test.registry.saveLease(lease('a', 1));
    await test.registry.saveLease(lease('b', 2));
    expect(await test.registry.leases('late')).toEqual([lease('a', 1), lease('b', 2)]);
    await test.registry.dropLease('late', 'a');
    expect(await test.registry.leases('late')).toEqual([lease('b', 2)]);
    await expect(test.registry.saveLease({ ...lease('c', 1), epoch: 0.5 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('logs that were given up', () => {
  it('are on record, and so is that they came back', async () => {
    const lease = (renewedAt: number): ServerLease => ({ v: 1, server: 'gone', endpoint: 'late', epoch: 1, sealedThrough: null, sealed: [], unsealed: 7, departed: false, renewedAt });
    await test.registry.saveLease(lease(1));
    const lost = { endpoint: 'late', server: 'gone', declaredAt: 5, watermark: 3, unsealed: 7, by: { id: 'ada', kind: 'person' as const, roles: [] }, note: 'its disk is gone' };
    await test.registry.saveLostLog(lost);
    await test.registry.saveLostLog({ ...lost, server: 'other', declaredAt: 6, watermark: null, unsealed: null });
    expect((await test.registry.lostLogs('late')).map((one) => [one.server, one.unsealed, one.returnedAt])).toEqual([['gone', 7, null], ['other', null, null]]);
    await test.registry.saveLease(lease(9));
    await test.registry.saveLease(lease(12));
    expect((await test.registry.lostLogs('late')).map((one) => [one.server, one.returnedAt])).toEqual([['gone', 9], ['other', null]]);
    expect(await test.registry.lostLogs('none')).toEqual([]);
  });
});

describe('the watermark', () => {
  it('only moves forward', async () => {
    const step = (watermark: number) => test.registry.registerStep({ endpoint: 'late', watermark, raws: [], segments: [] });
    expect(await test.registry.watermark('late')).toBeNull();
    expect([await step(100), await step(50), await step(1_800_000_000_000_000)]).toEqual([true, false, true]);
    expect(await test.registry.watermark('late')).toBe(1_800_000_000_000_000);
  });
});

describe('lifecycles', () => {
  it('keep their last status and are open until they end', async () => {
    const spec = CandidateSpec.parse({ endpoint: 'late', cause: 'age', kind: 'refresh' });
    const status = (id: string, startedAt: number, state: LifecycleStatus['state']) => LifecycleStatus.parse({ id, endpoint: 'late', cause: 'age', kind: 'refresh', version: null, phase: 'train', state, waitsFor: '', watermark: null, startedAt, endedAt: null, verdict: null, reasons: [], effects: [], snapshot: null });
    await test.registry.saveLifecycle(status('two', 2, 'running'), spec);
    await test.registry.saveLifecycle(status('one', 1, 'running'), spec);
    await test.registry.saveLifecycle(status('one', 1, 'rejected'), spec);
    expect((await test.registry.lifecycles('late')).map(({ status: s }) => [s.id, s.state])).toEqual([['one', 'rejected'], ['two', 'running']]);
    expect((await test.registry.lifecycles('late', { open: true })).map(({ status: s }) => s.id)).toEqual(['two']);
    expect(await test.registry.lifecycle('one')).toEqual({ status: status('one', 1, 'rejected'), spec });
    await expect(test.registry.lifecycle('none')).rejects.toMatchObject({ code: 'UNKNOWN_LIFECYCLE' });
  });
});

describe('incidents', () => {
  it('are replaced by what is said last, acknowledged by a person, open until closed', async () => {
    const incident = (incidentId: string, openedAt: number, state: Incident['state'] = 'open'): Incident => ({ v: 1, incidentId, endpoint: 'late', version, monitor: 'psi', kind: 'inputDrift', metric: 'psi', segment: null, state, openedAt, closedAt: null, numbers: {}, evidence: hash('e'), acknowledgedBy: null, suspects: [] });
    await test.registry.saveIncidents([incident('b', 2), incident('a', 1), incident('c', 3)]);
    await test.registry.saveIncidents([incident('a', 1, 'closed')]);
    await test.registry.saveIncidents([]);
    expect((await test.registry.incidents('late')).map((i) => [i.incidentId, i.state])).toEqual([['a', 'closed'], ['b', 'open'], ['c', 'open']]);
    expect(await test.registry.acknowledgeIncident('b', 'bob')).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'bob' });
    expect(await test.registry.acknowledgeIncident('b', 'eve')).toMatchObject({ acknowledgedBy: 'bob' });
    expect(await test.registry.acknowledgeIncident('a', 'eve')).toMatchObject({ state: 'closed', acknowledgedBy: null });
    expect((await test.registry.incidents('late', { open: true })).map((i) => i.incidentId)).toEqual(['b', 'c']);
    await expect(test.registry.incident('none')).rejects.toMatchObject({ code: 'UNKNOWN_INCIDENT' });
  });
});

describe('monitor results', () => {
  it('are kept once per subject and watermark and read by monitor and time', async () => {
    const result = (at: number, monitor: string, column: string | null, value = 0.1): MonitorResult => ({ v: 1, monitor, kind: 'inputDrift', endpoint: 'late', version, metric: 'psi', column, segment: null, at, value, threshold: 0.2, pValue: null, rows: { reference: 10, current: 10 }, state: 'ok', reason: null });
    await test.registry.saveMonitorResults([result(10, 'drift', 'temp'), result(10, 'drift', null), result(10, 'loss', null)]);
    await test.registry.saveMonitorResults([result(10, 'drift', 'temp', 0.9), result(20, 'drift', 'temp')]);
    await test.registry.saveMonitorResults([]);
    expect(await test.registry.monitorResults('late', { monitor: 'drift' })).toEqual([result(10, 'drift', null), result(10, 'drift', 'temp'), result(20, 'drift', 'temp')]);
    expect(await test.registry.monitorResults('late', { from: 11 })).toHaveLength(1);
    expect(await test.registry.monitorResults('late', { to: 10 })).toHaveLength(3);
  });
});

describe('business keys', () => {
  it('keep the first result, null included', async () => {
    expect(await test.registry.remembered('k')).toBeUndefined();
    expect(await test.registry.remember('k', { n: 1 })).toEqual({ n: 1 });
    expect(await test.registry.remember('k', { n: 2 })).toEqual({ n: 1 });
    expect(await test.registry.remember('nothing', null)).toBeNull();
    expect(await test.registry.remembered('nothing')).toBeNull();
  });

  it('count a delivery once', async () => {
    const delivery = { incidentId: 'i', channel: 'ops', news: 'opened', key: 'i/opened' };
    expect(await test.registry.recordDelivery(delivery)).toBe(true);
    expect(await test.registry.recordDelivery(delivery)).toBe(false);
    expect(await test.registry.deliveries('i')).toMatchObject([delivery]);
  });
});
