import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecisionInput, Principal } from '@mettle/contracts';
import { openPlatform, type Platform } from './testing/platform.ts';
import { day, specOf } from './testing/world.ts';

const operator: Principal = { id: 'olga', kind: 'person', roles: ['platform', 'approver'] };
const byHand = { policy: { retrain: { onIncident: false, onConfirmedDrift: false, maxAge: null, cooldown: 0 } } };

describe("the endpoint's workflow", () => {
  let platform: Platform;
  beforeAll(async () => { platform = await openPlatform(); });
  afterAll(() => platform.close());

  const say = (endpoint: string, action: DecisionInput['action'], version: number, key: string): DecisionInput => ({
    endpoint, at: day(20), action, phase: null, version: { model: 'lateness', version }, verdict: null, reasons: [], evidence: null, policy: null, by: operator, note: '', share: null, key,
  });
  /** An endpoint whose second version replaced the first. */
  const promoted = async () => {
    const scene = await platform.scenario(byHand);
    await scene.begin();
    await scene.client.launch(specOf(scene.endpoint, 'second'));
    await scene.live(1, 16);
    expect(scene.world.table.champion?.version).toBe(2);
    return scene;
  };

  it('commits a decision once, however often it is said', async () => {
    const { client, endpoint, world } = await promoted();
    const first = await client.decide(say(endpoint, 'rollBack', 2, 'k1'));
    const again = await client.decide(say(endpoint, 'rollBack', 2, 'k1'));
    expect(again.decision).toEqual(first.decision);
    expect(world.table.champion?.version).toBe(1);
    expect((await client.route(endpoint))?.epoch).toBe(world.table.epoch);
  });

  it('lets one of two rival decisions through and tells the other why', async () => {
    const { client, endpoint, world } = await promoted();
    const both = await Promise.allSettled([client.decide(say(endpoint, 'rollBack', 2, 'a')), client.decide(say(endpoint, 'rollBack', 2, 'b'))]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'INVALID_TRANSITION' });
    expect(world.table.champion?.version).toBe(1);
  });

  it('adopts a break-glass change and asks for a new decision', async () => {
    const { client, endpoint, world } = await promoted();
    await world.direct(say(endpoint, 'rollBack', 2, 'direct'));
    await expect(client.decide(say(endpoint, 'promote', 2, 'late'))).rejects.toMatchObject({ code: 'STALE_EPOCH' });
    expect((await client.route(endpoint))?.champion?.version).toBe(1);
    await client.decide(say(endpoint, 'promote', 2, 'later'));
    expect(world.table.champion?.version).toBe(2);
  });

  it('fails closed when the database fell behind what was committed, and opens when it is back', async () => {
    const { client, endpoint, world } = await promoted();
    const older = world.table;
    await client.decide(say(endpoint, 'rollBack', 2, 'x'));
    const newer = world.table;
    world.restore(older);
    await expect(client.decide(say(endpoint, 'promote', 2, 'y'))).rejects.toMatchObject({ code: 'STALE_EPOCH' });
    await expect(client.decide(say(endpoint, 'promote', 2, 'z'))).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    expect(world.table.champion?.version).toBe(2);
    world.restore(newer);
    await client.decide(say(endpoint, 'promote', 2, 'w'));
    expect(world.table.epoch).toBe(newer.epoch + 1);
  });

  it('refuses what is wrong whatever the route is, without a trace in its history', async () => {
    const { client, endpoint, world } = await promoted();
    const before = world.decisions.length;
    await expect(client.decide(say(endpoint, 'startChallenge', 1, 'q'))).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field: 'share' } });
    await expect(client.decide({ ...say(endpoint, 'promote', 1, 'q'), key: '' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(client.decide(say(endpoint, 'promote', 9, 'r'))).rejects.toMatchObject({ code: 'NOT_QUALIFIED' });
    expect(world.decisions).toHaveLength(before);
  });

  it('does not wait for a step: a rollback goes through while a candidate trains', async () => {
    const { client, endpoint, world } = await promoted();
    let release = (): void => undefined;
    const training = new Promise<void>((started) => {
      world.answers.train = () => new Promise((resolve) => {
        release = resolve;
        started();
      });
    });
    await client.launch(specOf(endpoint, 'slow'));
    const step = client.advanceWatermark(endpoint, day(17));
    await training;
    await client.decide(say(endpoint, 'rollBack', 2, 'now'));
    expect(world.table.champion?.version).toBe(1);
    release();
    expect((await step).epoch).toBe(world.table.epoch);
  });
});
