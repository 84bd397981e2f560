import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_US, days, workflowIds, type Monitor, type MonitorResult, type Principal } from '@mettle/contracts';
import { openPlatform, type Platform } from './testing/platform.ts';
import { day, incidentOf, specOf } from './testing/world.ts';

const ann: Principal = { id: 'ann', kind: 'person', roles: ['platform'] };
const monitor = (endpoint: string, every: number): Monitor => ({ v: 1, name: 'loss', endpoint, kind: 'performance', metric: 'log_loss', columns: [], window: days(7), every, alpha: 0.001, floor: 0.01, hysteresis: { k: 2, n: 3, closeBelow: 0.8 } });

describe("an endpoint's time", () => {
  let platform: Platform;
  beforeAll(async () => { platform = await openPlatform(); });
  afterAll(() => platform.close());

  it('returns the stored result for a repeated T, and does not go back', async () => {
    const { client, endpoint, world, begin, live } = await platform.scenario();
    await begin();
    await live(1, 6);
    const first = await client.advanceWatermark(endpoint, day(7));
    expect(first).toMatchObject({ launched: [workflowIds.modelLifecycle(endpoint, 'age-2013-03-08')], sealed: { events: 3, labels: 0, predictions: 0 } });
    const calls = world.calls.length;
    expect(await client.advanceWatermark(endpoint, day(7))).toEqual(first);
    expect(world.calls).toHaveLength(calls);
    await expect(client.advanceWatermark(endpoint, day(6))).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    expect(await client.clockStatus(endpoint)).toMatchObject({ watermark: day(7), stepping: null, open: [workflowIds.modelLifecycle(endpoint, 'age-2013-03-08')] });
  });

  it('steps once when two clients advance to the same T', async () => {
    const { client, endpoint, world, begin } = await platform.scenario();
    await begin();
    const [a, b] = await Promise.all([client.advanceWatermark(endpoint, day(8)), client.advanceWatermark(endpoint, day(8))]);
    expect(a).toEqual(b);
    expect(world.calls.filter((call) => call.startsWith('train'))).toHaveLength(2);
  });

  it('refuses a second candidate of one cause', async () => {
    const { client, endpoint, begin } = await platform.scenario();
    await begin();
    await client.launch(specOf(endpoint, 'mine'));
    await expect(client.launch(specOf(endpoint, 'mine'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(client.launch({ ...specOf(endpoint, 'mine'), cause: 'a b' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('runs monitors when the watermark passes a multiple of their cadence', async () => {
    const { world, begin, live } = await platform.scenario({ monitors: [monitor('flights', 2 * DAY_US)], policy: { retrain: { onIncident: false, onConfirmedDrift: false, maxAge: null, cooldown: 0 } } });
    await begin();
    await live(1, 6);
    expect(world.calls.filter((call) => call.startsWith('monitor'))).toEqual(['monitor 1', 'monitor 3', 'monitor 5']);
  });

  it('answers a performance incident with one candidate, tells the channels, and hears when it closes', async () => {
    const { client, endpoint, world, begin, live } = await platform.scenario({ monitors: [monitor('flights', DAY_US)], policy: { retrain: { onIncident: true, onConfirmedDrift: true, maxAge: null, cooldown: days(1) } } });
    const incident = incidentOf(endpoint, `loss-${endpoint}`, 'performance', day(2));
    const breach: MonitorResult = { v: 1, monitor: 'loss', kind: 'performance', endpoint, version: { model: 'lateness', version: 1 }, metric: 'log_loss', column: null, segment: null, at: day(2), value: 0.6, threshold: 0.5, pValue: null, rows: { reference: 1, current: 1 }, state: 'breach', reason: null };
    world.answers.monitors = () => [breach];
    world.answers.fold = (watermark) => ({
      opened: watermark === day(2) ? [incident] : [],
      closed: watermark === day(4) ? [{ ...incident, state: 'closed' }] : [],
      open: watermark >= day(2) && watermark < day(4) ? [incident] : [],
    });
    await begin();
    const opened = await live(1, 2);
    expect(opened.opened).toEqual([incident.incidentId]);
    expect(opened.launched).toEqual([workflowIds.modelLifecycle(endpoint, incident.incidentId)]);
    expect((await live(3, 3)).launched).toEqual([]);
    expect((await client.acknowledge(incident.incidentId, { by: ann, note: '' })).incident.state).toBe('acknowledged');
    await live(4, 4);
    await expect.poll(() => [...world.delivered].sort()).toEqual([
      `oncall closed ${incident.incidentId}`, `oncall opened ${incident.incidentId}`, `ops closed ${incident.incidentId}`, `ops opened ${incident.incidentId}`,
    ]);
  });

  it('knows how a lifecycle ended that was terminated from outside', async () => {
    const { client, endpoint, begin, live } = await platform.scenario({ policy: { retrain: { onIncident: false, onConfirmedDrift: false, maxAge: null, cooldown: 0 } } });
    await begin();
    const { id } = await client.launch(specOf(endpoint, 'killed'));
    await live(1, 2);
    await platform.temporal.client.workflow.getHandle(id).terminate('by hand');
    expect(await client.whyGone(id)).toBe('terminated');
    await expect(client.tick(id, day(3))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
