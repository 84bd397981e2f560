import { EndpointPlan, Policy, hashOf } from '@mettle/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hash, openTestRegistry, planOf, type TestRegistry } from './testing/fixtures.ts';

let test: TestRegistry;
beforeAll(async () => void (test = await openTestRegistry()));
afterAll(() => test.close());

describe('declaring an endpoint', () => {
  it('keeps every revision and hands out the latest, once per content', async () => {
    const first = await test.registry.declareEndpoint(planOf('planned'));
    const again = await test.registry.declareEndpoint(planOf('planned'));
    const changed = await test.registry.declareEndpoint(planOf('planned', { cadence: 60_000_000 }));
    expect([first.revision, again.revision, changed.revision]).toEqual([1, 1, 2]);
    expect(await test.registry.endpointPlan('planned')).toEqual(changed);
    expect((await test.registry.planHistory('planned')).map((d) => d.hash)).toEqual([first.hash, changed.hash]);
    expect(await test.registry.endpoints()).toContain('planned');
  });

  it('puts plan and policy where their hashes find them', async () => {
    const { plan, hash: planHash } = await test.registry.declareEndpoint(planOf('stored'));
    expect(planHash).toBe(hashOf(plan));
    expect(await test.blobs.getJson(planHash, EndpointPlan)).toEqual(plan);
    expect(await test.blobs.getJson(plan.policyHash, Policy)).toEqual(plan.policy);
  });

  it('goes back to an earlier plan as a new revision', async () => {
    await test.registry.declareEndpoint(planOf('swinging'));
    await test.registry.declareEndpoint(planOf('swinging', { cadence: 60_000_000 }));
    expect((await test.registry.declareEndpoint(planOf('swinging'))).revision).toBe(3);
  });

  it('refuses a policy under a false hash, a wrong plan, and another clock', async () => {
    await expect(test.registry.declareEndpoint(planOf('false-hash', { policyHash: hash('another') }))).rejects.toMatchObject({ code: 'INVALID_POLICY' });
    await expect(test.registry.declareEndpoint({ ...planOf('half'), cadence: 0.5 })).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { path: 'cadence' } });
    const impossible = planOf('impossible');
    impossible.policy.minSlots = 10_000;
    await expect(test.registry.declareEndpoint({ ...impossible, policyHash: hashOf(impossible.policy) })).rejects.toMatchObject({ code: 'UNSATISFIABLE_POLICY' });
    const segmented = planOf('segmented');
    segmented.policy.segments = [{ column: 'origin', margin: 0.02 }];
    await expect(test.registry.declareEndpoint({ ...segmented, policyHash: hashOf(segmented.policy) }, { columns: ['carrier'] })).rejects.toMatchObject({ code: 'INVALID_POLICY', data: { column: 'origin' } });
    await test.registry.declareEndpoint(planOf('clocked'));
    await expect(test.registry.declareEndpoint(planOf('clocked', { clock: 'wall' }))).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    await expect(test.registry.endpointPlan('false-hash')).rejects.toMatchObject({ code: 'UNKNOWN_ENDPOINT' });
    await expect(test.registry.endpointPlan('half')).rejects.toMatchObject({ code: 'UNKNOWN_ENDPOINT' });
  });
});
