import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_US, hashOf, type Incident, type MonitorInput, type MonitorResult } from '@mettle/contracts';
import { codeOf } from '../testing/codeOf.ts';
import { openTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';
import { declaration, T0, tripsDefinition } from '../testing/trips.ts';

const monitor: MonitorInput = { v: 1, name: 'drift', endpoint: 'trips', kind: 'inputDrift', metric: 'psi', columns: ['temp'], window: 7 * DAY_US, every: DAY_US, floor: 0.2 };
const result = (at: number, state: MonitorResult['state']): MonitorResult => ({
  v: 1, monitor: 'drift', kind: 'inputDrift', endpoint: 'trips', version: { model: 'trips', version: 1 }, metric: 'psi', column: 'temp', segment: null, at, value: 0.3, threshold: 0.2, pValue: null, rows: { reference: 10, current: 10 }, state, reason: null,
});
const incident: Incident = {
  v: 1, incidentId: 'drift-1', endpoint: 'trips', version: { model: 'trips', version: 1 }, monitor: 'drift', kind: 'inputDrift', metric: 'psi', segment: null, state: 'open', openedAt: T0, closedAt: null, numbers: { value: 0.3 }, evidence: hashOf('e'), acknowledgedBy: null,
  suspects: [{ kind: 'source', name: 'weather', since: T0, share: 1, owner: 'met' }],
};

describe('endpoints, and what is observed of them', () => {
  let test: TestPlatform;
  let service: string;
  beforeAll(async () => {
    test = await openTestPlatform();
    service = (await test.as('admin').features.registerService({ definition: tripsDefinition })).service;
  });
  afterAll(() => test.close());
  const declare = (input: unknown) => test.as('platform').endpoints.declare(input as never);

  it('refuses a plan that could not work, and stores nothing of it', async () => {
    const good = declaration(service);
    const refused = async (change: object, policy: object = {}) => codeOf(() => declare({ ...declaration(service, policy), ...change }));
    expect(await refused({}, { segments: [{ column: 'airline', margin: 0.02 }] })).toBe('UNKNOWN_COLUMN');
    expect(await refused({}, { stickyKeys: ['plane'] })).toBe('UNKNOWN_COLUMN');
    expect(await refused({ monitors: [{ ...monitor, columns: ['wind'] }] })).toBe('UNKNOWN_COLUMN');
    expect(await refused({ monitors: [{ ...monitor, metric: 'psy' }] })).toBe('INVALID_INPUT');
    expect(await refused({ monitors: [{ ...monitor, kind: 'freshness', metric: 'hours', columns: ['temp'] }] })).toBe('UNKNOWN_COLUMN');
    expect(await refused({}, { success: { metric: 'log_loss', direction: 'higher' } })).toBe('INVALID_POLICY');
    expect(await refused({}, { minSlots: 100_000 })).toBe('UNSATISFIABLE_POLICY');
    expect(await refused({}, { alpha: 2 })).toBe('INVALID_INPUT');
    expect(await refused({ model: { ...good.model, service: hashOf('none') } })).toBe('UNKNOWN_SERVICE');
    expect(await refused({ model: { ...good.model, task: 'ranking' } })).toBe('INVALID_INPUT');
    expect(await refused({ model: { ...good.model, task: 'multiclass' } })).toBe('INVALID_INPUT');
    expect(await refused({ model: { ...good.model, task: 'multiclass', classes: 2 } })).toBe('INVALID_INPUT');
    expect(await refused({ model: { ...good.model, task: 'regression' } })).toBe('INVALID_POLICY');
    expect(await refused({ endpoint: '../x' })).toBe('INVALID_INPUT');
    expect(await codeOf(() => test.as('scientist').endpoints.declare(good))).toBe('FORBIDDEN');
    expect(await test.as('viewer').endpoints.list({})).toEqual([]);
    expect(await test.as('viewer').models.list({})).toEqual([]);
  });

  it('declares an endpoint with its model, and counts what changes', async () => {
    const first = await declare({ ...declaration(service), monitors: [monitor] });
    expect(first).toMatchObject({ revision: 1, plan: { endpoint: 'trips', policyHash: hashOf(first.plan.policy), overrides: [] } });
    expect((await declare({ ...declaration(service), monitors: [monitor] })).revision).toBe(1);
    expect((await declare({ ...declaration(service, { bake: 2 * DAY_US }), monitors: [monitor] })).revision).toBe(2);
    expect(await codeOf(() => declare({ ...declaration(service), clock: 'wall' }))).toBe('INVALID_TRANSITION');
    const regression = declaration(service, { success: { metric: 'mae', direction: 'lower' } });
    expect(await codeOf(() => declare({ ...regression, model: { ...regression.model, task: 'regression' } }))).toBe('INVALID_TRANSITION');
    expect((await test.as('viewer').models.list({})).map((model) => model.name)).toEqual(['trips']);
    expect(await test.as('viewer').endpoints.route({ endpoint: 'trips' })).toMatchObject({ epoch: 0, champion: null });
    expect(await test.as('viewer').endpoints.servedAt({ endpoint: 'trips', at: T0 })).toBeNull();
    expect(await codeOf(() => test.as('viewer').endpoints.route({ endpoint: 'none' }))).toBe('UNKNOWN_ENDPOINT');
  });

  it('shows monitors with their last results, and results by time', async () => {
    await test.platform.registry.saveMonitorResults([result(T0, 'ok'), result(T0 + DAY_US, 'breach')]);
    const [listed] = await test.as('viewer').monitors.list({ endpoint: 'trips' });
    expect(listed).toMatchObject({ monitor: { name: 'drift' }, last: { at: T0 + DAY_US, ok: 0, breach: 1, undetermined: 0 } });
    expect(await test.as('viewer').monitors.results({ endpoint: 'trips', to: T0 })).toHaveLength(1);
    expect(await codeOf(() => test.as('viewer').monitors.results({ endpoint: 'none' }))).toBe('UNKNOWN_ENDPOINT');
  });

  it('shows incidents with their suspects; an acknowledgement goes through its workflow', async () => {
    await test.platform.registry.saveIncidents([incident, { ...incident, incidentId: 'drift-0', state: 'closed', closedAt: T0 }]);
    expect((await test.as('viewer').incidents.list({ endpoint: 'trips' })).map((one) => one.incidentId)).toEqual(['drift-0', 'drift-1']);
    expect((await test.as('viewer').incidents.list({ endpoint: 'trips', open: true })).map((one) => one.incidentId)).toEqual(['drift-1']);
    expect((await test.as('viewer').incidents.get({ incidentId: 'drift-1' })).suspects[0]?.owner).toBe('met');
    expect(await codeOf(() => test.as('viewer').incidents.get({ incidentId: 'none' }))).toBe('UNKNOWN_INCIDENT');
    expect((await test.as('scientist').incidents.acknowledge({ incidentId: 'drift-0' })).state).toBe('closed');
    expect(await codeOf(() => test.as('scientist').incidents.acknowledge({ incidentId: 'drift-1' }))).toBe('UNAVAILABLE');
  });

  it('shows its servers and whom a seal waits for; an operator gives up the log of a dead one, and only of a dead one', async () => {
    const lease = { v: 1 as const, server: 'a', endpoint: 'trips', epoch: 1, sealedThrough: null, sealed: [], unsealed: 5, departed: false, renewedAt: T0 };
    const lose = (server: string) => test.as('platform').endpoints.loseLog({ endpoint: 'trips', server, note: 'its disk is gone' });
    const servers = () => test.as('viewer').endpoints.servers({ endpoint: 'trips' });
    await test.platform.routes.hub.lease(lease);
    test.platform.routes.hub.requestSeal('trips', T0);
    expect(await servers()).toMatchObject({ servers: [{ server: 'a', alive: true, unsealed: 5 }], held: [{ server: 'a', sealThrough: T0, unsealed: 5 }], lost: [] });
    expect(await codeOf(() => test.as('viewer').endpoints.loseLog({ endpoint: 'trips', server: 'a' }))).toBe('FORBIDDEN');
    expect(await codeOf(() => lose('a'))).toBe('INVALID_TRANSITION');
    expect(await codeOf(() => lose('nobody'))).toBe('NOT_FOUND');
    expect((await servers()).lost).toEqual([]);
    // Known from the gateway's earlier life, and silent in this one.
    await test.reopen();
    expect(await lose('a')).toMatchObject({ server: 'a', unsealed: null, by: { id: 'platform' }, note: 'its disk is gone', returnedAt: null });
    expect(await servers()).toMatchObject({ servers: [], held: [], lost: [{ server: 'a' }] });
    await test.platform.routes.hub.lease({ ...lease, renewedAt: T0 + 7 });
    expect((await servers()).lost).toMatchObject([{ server: 'a', returnedAt: T0 + 7 }]);
    expect(await codeOf(() => test.as('viewer').endpoints.servers({ endpoint: 'none' }))).toBe('UNKNOWN_ENDPOINT');
  });

  it('has no decisions to show before the first, and an intact chain', async () => {
    expect(await test.as('viewer').decisions.list({ endpoint: 'trips' })).toEqual([]);
    expect(await test.as('viewer').decisions.verify({ endpoint: 'trips' })).toEqual({ ok: true, length: 0, brokenAt: null, problem: null });
    expect(await codeOf(() => test.as('viewer').decisions.get({ endpoint: 'trips', sequence: 1 }))).toBe('NOT_FOUND');
    expect(await codeOf(() => test.as('viewer').decisions.verify({ endpoint: 'none' }))).toBe('UNKNOWN_ENDPOINT');
  });

  it('asks for sealed data before it scores or audits', async () => {
    const range = { from: T0, to: T0 + DAY_US };
    expect(await codeOf(() => test.as('scientist').batch.audit({ endpoint: 'trips', range }))).toBe('INVALID_TRANSITION');
    expect(await codeOf(() => test.as('scientist').batch.score({ endpoint: 'trips', range, watermark: T0, schedule: [{ from: 0, version: { model: 'trips', version: 1 } }] }))).toBe('UNKNOWN_VERSION');
    expect(await codeOf(() => test.as('viewer').batch.audit({ endpoint: 'trips', range }))).toBe('FORBIDDEN');
  });
});
