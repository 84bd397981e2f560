import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_US, hashOf, type LifecycleStatus, type Principal, type VersionRef } from '@mettle/contracts';
import { createControlActivities } from '@mettle/lifecycle-activities';
import { startControlWorker, type RunningWorker } from '@mettle/lifecycle-worker';
import { openTemporal, workflowBundle } from '@mettle/testing';
import { codeOf } from '../testing/codeOf.ts';
import { openTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';
import { declaration, T0, tripsDefinition, tripsManifest } from '../testing/trips.ts';

const by: Principal = { id: 'ana', kind: 'person', roles: ['scientist'] };

describe('operators, through the workflows', () => {
  let temporal: TestWorkflowEnvironment;
  let test: TestPlatform;
  let connection: NativeConnection;
  let worker: RunningWorker;
  let service: string;
  const day = (n: number): number => Math.floor(T0 / DAY_US) * DAY_US + n * DAY_US;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const [environment, bundle] = await Promise.all([openTemporal(), workflowBundle()]);
    temporal = environment;
    test = await openTestPlatform(temporal.client);
    connection = await NativeConnection.connect({ address: temporal.address });
    const { db, registry, blobs, workflows } = test.platform;
    worker = await startControlWorker({ connection, activities: createControlActivities({ db, registry, blobs, plane: test.plane, client: workflows, channels: [] }), workflowBundle: bundle });
    service = (await test.as('admin').features.registerService({ definition: tripsDefinition })).service;
    await test.as('admin').endpoints.declare(declaration(service));
  }, 120_000);
  afterAll(async () => {
    await worker?.stop();
    await connection?.close();
    await test?.close();
    await temporal?.teardown();
  });

  /** A registered version; one that is `qualified` may serve. */
  async function version(key: string, qualified = true): Promise<VersionRef> {
    const ref = await test.platform.registry.registerVersion(tripsManifest(service, key), key);
    if (qualified) await test.platform.registry.recordQualification({ version: ref, key, verdict: 'pass', parity: null, holdout: {}, note: '' });
    return ref;
  }
  const decide = (action: 'deploy' | 'startShadow' | 'startChallenge' | 'approve', ref: VersionRef, share: number | null = null) =>
    test.platform.workflows.decide({ endpoint: 'trips', at: day(0), action, phase: null, version: ref, verdict: null, reasons: [], evidence: null, policy: null, by: { ...by, id: 'ben', roles: ['approver'] }, note: '', share, key: `${action}-${ref.version}` });

  it('moves the watermark, returns the same step for the same T, and does not go back', async () => {
    const first = await test.as('platform').endpoints.advanceWatermark({ endpoint: 'trips', watermark: day(0) });
    expect(first).toMatchObject({ endpoint: 'trips', watermark: day(0), epoch: 0, monitors: [], lifecycles: [] });
    expect(await test.as('platform').endpoints.advanceWatermark({ endpoint: 'trips', watermark: day(0) })).toEqual(first);
    expect(await codeOf(() => test.as('platform').endpoints.advanceWatermark({ endpoint: 'trips', watermark: day(-1) }))).toBe('INVALID_TRANSITION');
    expect((await test.as('viewer').endpoints.get({ endpoint: 'trips' })).clock).toEqual({ watermark: day(0), stepping: null, open: [] });
    expect(await codeOf(() => test.as('platform').endpoints.advanceWatermark({ endpoint: 'nowhere', watermark: day(0) }))).toBe('UNKNOWN_ENDPOINT');
    expect(await codeOf(() => test.as('scientist').endpoints.advanceWatermark({ endpoint: 'trips', watermark: day(1) }))).toBe('FORBIDDEN');
  });

  it('promotes only what has qualified and challenged, and rolls back to what served before', async () => {
    const operator = test.as('approver').endpoints;
    const [first, second, unqualified] = [await version('one'), await version('two'), await version('three', false)];
    expect(await codeOf(() => operator.rollBack({ endpoint: 'trips' }))).toBe('NO_CHAMPION');
    await decide('deploy', first);
    expect(await codeOf(() => operator.promote({ endpoint: 'trips', version: unqualified }))).toBe('NOT_QUALIFIED');
    expect(await codeOf(() => operator.promote({ endpoint: 'trips', version: second }))).toBe('INVALID_TRANSITION');
    expect(await codeOf(() => operator.promote({ endpoint: 'trips', version: { model: 'trips', version: 99 } }))).toBe('UNKNOWN_VERSION');
    expect(await codeOf(() => operator.rollBack({ endpoint: 'trips' }))).toBe('INVALID_TRANSITION');
    await decide('startShadow', second);
    await decide('startChallenge', second, 2_000);
    expect(await codeOf(() => operator.promote({ endpoint: 'trips', version: second }))).toBe('INVALID_TRANSITION');
    await decide('approve', second);
    const promoted = await operator.promote({ endpoint: 'trips', version: second, note: 'looks right' });
    expect(promoted.table).toMatchObject({ champion: second, warm: [first], epoch: 4 });
    expect(promoted.decision.by).toEqual({ id: 'approver', kind: 'person', roles: ['approver'] });

    const back = await operator.rollBack({ endpoint: 'trips', note: 'an exercise', key: 'exercise' });
    expect(back.table).toMatchObject({ champion: first, warm: [second] });
    expect(await operator.rollBack({ endpoint: 'trips', note: 'an exercise', key: 'exercise' })).toEqual(back);
    expect(await codeOf(() => test.as('scientist').endpoints.rollBack({ endpoint: 'trips' }))).toBe('FORBIDDEN');
    const again = await operator.promote({ endpoint: 'trips', version: second, key: 'restore' });
    expect(again.table.champion).toEqual(second);
    const [, , , , , rolled] = await test.as('viewer').decisions.list({ endpoint: 'trips' });
    expect(rolled?.decision).toMatchObject({ action: 'rollBack', note: 'an exercise', replaced: first });
    expect(await test.as('viewer').decisions.verify({ endpoint: 'trips' })).toMatchObject({ ok: true, length: 7 });
    expect((await test.as('viewer').endpoints.servedAt({ endpoint: 'trips', at: day(0) }))?.version).toEqual(second);
  });

  it('lets one of two promotions at once win', async () => {
    const [a, b] = [await version('left'), await version('right')];
    const operator = test.as('approver').endpoints;
    for (const ref of [a, b]) await decide('startShadow', ref);
    const results = await Promise.allSettled([decide('startChallenge', a, 1_000), decide('startChallenge', b, 1_000)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const ref of [a, b]) await operator.reject({ endpoint: 'trips', version: ref });
    expect((await test.as('viewer').endpoints.route({ endpoint: 'trips' })).challengers).toEqual([]);
  });

  it('pauses and resumes', async () => {
    const operator = test.as('platform').endpoints;
    expect((await operator.pause({ endpoint: 'trips', note: 'data centre moves' })).table.paused).toBe(true);
    expect(await codeOf(() => operator.pause({ endpoint: 'trips' }))).toBe('INVALID_TRANSITION');
    expect((await test.as('viewer').endpoints.list({}))[0]).toMatchObject({ endpoint: 'trips', paused: true, watermark: day(0) });
    expect((await operator.resume({ endpoint: 'trips' })).table.paused).toBe(false);
  });

  it('starts a candidate once, in the name of who asked, and ends it on request', async () => {
    const spec = { endpoint: 'trips', cause: 'by-hand', kind: 'refresh' as const };
    const started = await test.as('scientist').lifecycle.start(spec);
    expect(started).toMatchObject({ endpoint: 'trips', cause: 'by-hand', phase: 'train', state: 'waiting' });
    expect(await codeOf(() => test.as('scientist').lifecycle.start(spec))).toBe('ALREADY_EXISTS');
    expect(await codeOf(() => test.as('scientist').lifecycle.start({ ...spec, cause: 'other', service: hashOf('none') }))).toBe('UNKNOWN_SERVICE');
    expect(await codeOf(() => test.as('scientist').lifecycle.start({ ...spec, cause: 'no good' }))).toBe('INVALID_INPUT');
    // The lifecycle writes its first status by itself.
    await expect.poll(() => codeOf(() => test.as('viewer').lifecycle.get({ id: started.id })), { timeout: 10_000 }).toBe('none');
    expect((await test.as('viewer').lifecycle.get({ id: started.id })).spec.by).toMatchObject({ id: 'scientist' });
    expect(await codeOf(() => test.as('approver').lifecycle.approve({ id: started.id }))).toBe('INVALID_TRANSITION');
    expect(await codeOf(() => test.as('scientist').lifecycle.approve({ id: started.id }))).toBe('FORBIDDEN');
    const ended = await test.as('approver').lifecycle.reject({ id: started.id, note: 'not now' });
    expect(ended).toMatchObject({ state: 'rejected', verdict: 'fail' });
    expect(ended.waitsFor).toContain('not now');
    expect(await codeOf(() => test.as('approver').lifecycle.reject({ id: 'nope' }))).toBe('UNKNOWN_LIFECYCLE');
    const events = await test.as('viewer').lifecycle.progress({ id: started.id });
    const seen: string[] = [];
    for await (const event of events) seen.push((event as unknown as [string, LifecycleStatus])[1].state);
    expect(seen).toEqual(['rejected']);
  });
});
