import { Decision, RouteTable, type VersionRef } from '@mettle/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ada, bob, decisionOf, hash, openTestRegistry, planOf, registered, type TestRegistry } from './testing/fixtures.ts';

let test: TestRegistry;
beforeAll(async () => void (test = await openTestRegistry()));
afterAll(() => test.close());

/** An endpoint with qualified versions 1..n of the model of its name. */
async function endpointWith(name: string, n: number, approval?: Parameters<typeof planOf>[2]): Promise<VersionRef[]> {
  await test.registry.declareEndpoint(planOf(name, {}, approval));
  const refs: VersionRef[] = [];
  for (let i = 0; i < n; i++) refs.push(await registered(test.registry, name, `v${i}`));
  return refs;
}
const commit = (endpoint: string, epoch: number, ...rest: [Parameters<typeof decisionOf>[1], VersionRef, Parameters<typeof decisionOf>[3]?]) =>
  test.registry.commitDecision(endpoint, epoch, decisionOf(endpoint, ...rest));
const stages = async (refs: VersionRef[]) => Promise.all(refs.map(async (ref) => (await test.registry.version(ref)).stage));

describe('a decision', () => {
  it('writes the chain, the route, the stages and the alias in one step', async () => {
    const [v1, v2] = (await endpointWith('late', 2)) as [VersionRef, VersionRef];
    expect(await test.registry.route('late')).toMatchObject({ epoch: 0, champion: null });
    const first = await commit('late', 0, 'deploy', v1, { at: 100 });
    expect(Decision.parse(first.decision)).toMatchObject({ sequence: 1, previous: '0'.repeat(64), epochBefore: 0, epochAfter: 1, version: v1, replaced: null, at: 100 });
    expect(RouteTable.parse(first.table)).toMatchObject({ epoch: 1, champion: v1, effectiveFrom: 100, clock: 'event', stickyKeys: ['plane', 'flight'] });
    expect(await test.registry.route('late')).toEqual(first.table);
    expect(await stages([v1, v2])).toEqual(['production', 'staging']);
    expect(await test.registry.aliased('late', 'champion')).toEqual(v1);

    await commit('late', 1, 'startShadow', v2, { at: 200 });
    await commit('late', 2, 'startChallenge', v2, { at: 300, share: 2000 });
    const approved = await commit('late', 3, 'approve', v2, { at: 400 });
    expect(approved.decision).toMatchObject({ epochBefore: 3, epochAfter: null, sequence: 4 });
    expect(approved.table.epoch).toBe(3);
    const promoted = await commit('late', 3, 'promote', v2, { at: 400 });
    expect(promoted.decision).toMatchObject({ sequence: 5, replaced: v1, epochAfter: 4, previous: approved.decision.hash });
    expect(await stages([v1, v2])).toEqual(['staging', 'production']);
    expect(await test.registry.aliased('late', 'champion')).toEqual(v2);

    const back = await commit('late', 4, 'rollBack', v2, { at: 500, by: bob });
    expect(back.decision).toMatchObject({ version: v2, replaced: v1 });
    expect(await stages([v1, v2])).toEqual(['production', 'staging']);
    expect((await test.registry.version(v1)).aliases).toEqual(['champion']);
    await commit('late', 5, 'promote', v2, { at: 600, by: bob });
    expect(await stages([v1, v2])).toEqual(['staging', 'production']);
    expect((await test.registry.decisions('late')).map((d) => d.action)).toEqual(['deploy', 'startShadow', 'startChallenge', 'approve', 'promote', 'rollBack', 'promote']);
    expect((await test.registry.decisions('late', { after: 5 })).map((d) => d.sequence)).toEqual([6, 7]);
    expect((await test.registry.decisions('late', { until: 300 })).map((d) => d.sequence)).toEqual([1, 2, 3]);
    expect((await test.registry.routeHistory('late')).map((t) => t.epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await test.registry.verifyChain('late')).toEqual({ ok: true, length: 7, brokenAt: null, problem: null });
  });

  it('gives servers the files of each version in the table', async () => {
    const [v1] = (await endpointWith('files', 1)) as [VersionRef];
    await test.registry.saveDefinition({ hash: hash('service'), kind: 'featureService', name: 'lateness', json: null, blob: hash('definition'), by: ada });
    const { table } = await commit('files', 0, 'deploy', v1);
    const { manifest } = await test.registry.version(v1);
    expect(table.files['files@1']).toMatchObject({ file: manifest.file, fitted: manifest.fitted, service: manifest.featureService, definition: hash('definition') });
    expect(await test.blobs.has(table.files['files@1']!.manifest)).toBe(true);
  });

  it('archives what it rejects, entered or not, and revives what tries again', async () => {
    const [v1, v2, v3] = (await endpointWith('rejecting', 3)) as [VersionRef, VersionRef, VersionRef];
    await commit('rejecting', 0, 'deploy', v1);
    await commit('rejecting', 1, 'startShadow', v2);
    await commit('rejecting', 2, 'reject', v2);
    const outside = await commit('rejecting', 3, 'reject', v3);
    expect(outside.decision.epochAfter).toBeNull();
    expect(await stages([v1, v2, v3])).toEqual(['production', 'archived', 'archived']);
    await commit('rejecting', 3, 'startShadow', v2, { at: 2000 });
    expect(await stages([v2])).toEqual(['staging']);
  });

  it('records the rejection of a version that never qualified, even before a first champion', async () => {
    await endpointWith('stillborn', 0);
    const ref = await registered(test.registry, 'stillborn', 'bad', false);
    const { decision, table } = await commit('stillborn', 0, 'reject', ref, { verdict: 'fail' });
    expect(decision).toMatchObject({ sequence: 1, epochAfter: null });
    expect(table).toEqual(await test.registry.route('stillborn'));
    expect(await stages([ref])).toEqual(['archived']);
  });

  it('keeps the table of epoch 0 the same when the plan changes', async () => {
    await endpointWith('blank', 0);
    const before = await test.registry.route('blank');
    await test.registry.declareEndpoint(planOf('blank', { overrides: [{ header: 'x-arm', value: 'old', arm: 'champion' }] }));
    expect(await test.registry.route('blank')).toEqual(before);
  });

  it('keeps a version in production while any endpoint has it as champion', async () => {
    const [v1, v2] = (await endpointWith('shared', 2)) as [VersionRef, VersionRef];
    await test.registry.declareEndpoint(planOf('other'));
    await commit('shared', 0, 'deploy', v1);
    await commit('other', 0, 'deploy', v1);
    await commit('shared', 1, 'startShadow', v2);
    await commit('shared', 2, 'startChallenge', v2, { share: 100 });
    await commit('shared', 3, 'promote', v2);
    expect(await stages([v1, v2])).toEqual(['production', 'production']);
    await expect(test.registry.aliased('other', 'champion')).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
  });

  it('brings a newer plan into the table', async () => {
    const [v1, v2] = (await endpointWith('replanned', 2)) as [VersionRef, VersionRef];
    await commit('replanned', 0, 'deploy', v1);
    await test.registry.declareEndpoint(planOf('replanned', { overrides: [{ header: 'x-arm', value: 'old', arm: 'champion' }] }));
    expect((await commit('replanned', 1, 'startShadow', v2)).table.overrides).toHaveLength(1);
  });
});

describe('the same key', () => {
  it('returns the first result, even after later decisions', async () => {
    const [v1, v2] = (await endpointWith('repeating', 2)) as [VersionRef, VersionRef];
    const first = await commit('repeating', 0, 'deploy', v1);
    await commit('repeating', 1, 'startShadow', v2);
    expect(await commit('repeating', 0, 'deploy', v1)).toEqual(first);
    expect(await commit('repeating', 7, 'deploy', v2, { key: 'deploy/repeating@1/1000' })).toEqual(first);
    expect(await test.registry.decisions('repeating')).toHaveLength(2);
  });

  it('of another endpoint is another decision', async () => {
    const [v1] = (await endpointWith('twin-a', 1)) as [VersionRef];
    await test.registry.declareEndpoint(planOf('twin-b'));
    await commit('twin-a', 0, 'deploy', v1, { key: 'k' });
    expect((await commit('twin-b', 0, 'deploy', v1, { key: 'k' })).decision.endpoint).toBe('twin-b');
  });
});

describe('what is refused, leaving nothing behind', () => {
  it.each(['deploy', 'startShadow', 'startChallenge', 'approve', 'promote'] as const)('%s of a version that did not qualify', async (action) => {
    const name = `gate-${action}`;
    const [v1] = (await endpointWith(name, 1)) as [VersionRef];
    const bad = await registered(test.registry, name, 'bad', false);
    const epoch = action === 'deploy' ? 0 : (await commit(name, 0, 'deploy', v1)).table.epoch;
    await expect(commit(name, epoch, action, bad, { share: 100 })).rejects.toMatchObject({ code: 'NOT_QUALIFIED' });
    await test.registry.recordQualification({ key: 'no', version: bad, verdict: 'fail', parity: null, holdout: {}, note: '' });
    await expect(commit(name, epoch, action, bad, { share: 100 })).rejects.toMatchObject({ code: 'NOT_QUALIFIED', data: { qualified: 'fail' } });
    expect(await test.registry.decisions(name)).toHaveLength(epoch);
    expect((await test.registry.version(bad)).stage).toBe('development');
  });

  it('a stale epoch, an unknown endpoint or version, another endpoint, an impossible transition', async () => {
    const [v1, v2] = (await endpointWith('refusing', 2)) as [VersionRef, VersionRef];
    await commit('refusing', 0, 'deploy', v1);
    await expect(commit('refusing', 0, 'startShadow', v2)).rejects.toMatchObject({ code: 'STALE_EPOCH', data: { epoch: 1, expected: 0 } });
    await expect(commit('refusing', 2, 'startShadow', v2)).rejects.toMatchObject({ code: 'STALE_EPOCH' });
    await expect(commit('nowhere', 0, 'deploy', v1)).rejects.toMatchObject({ code: 'UNKNOWN_ENDPOINT' });
    await expect(test.registry.route('nowhere')).rejects.toMatchObject({ code: 'UNKNOWN_ENDPOINT' });
    await expect(commit('refusing', 1, 'startShadow', { model: 'refusing', version: 9 })).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
    await expect(test.registry.commitDecision('refusing', 1, decisionOf('late', 'startShadow', v2))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(commit('refusing', 1, 'promote', v2)).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    await expect(test.registry.commitDecision('refusing', 1, { ...decisionOf('refusing', 'startShadow', v2), share: 20_000 })).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { path: 'share' } });
    expect(await test.registry.decisions('refusing')).toHaveLength(1);
    expect(await test.registry.route('refusing')).toMatchObject({ epoch: 1, shadows: [] });
    expect(await test.registry.verifyChain('refusing')).toMatchObject({ ok: true, length: 1 });
  });
});

describe('approval, where the policy asks for a person', () => {
  const challenged = async (name: string) => {
    const [v1, v2] = (await endpointWith(name, 2, { by: 'person', notTheAuthor: true })) as [VersionRef, VersionRef];
    await commit(name, 0, 'deploy', v1);
    await commit(name, 1, 'startShadow', v2);
    await commit(name, 2, 'startChallenge', v2, { share: 2000 });
    return v2;
  };

  it('comes from a person who is not the author, before the promotion', async () => {
    const v2 = await challenged('approved');
    await expect(commit('approved', 3, 'promote', v2)).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    await expect(commit('approved', 3, 'approve', v2)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(commit('approved', 3, 'approve', v2, { by: ada })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await commit('approved', 3, 'approve', v2, { by: bob });
    expect((await commit('approved', 3, 'promote', v2)).table.champion).toEqual(v2);
  });

  it('counts for the challenge that it was given in', async () => {
    const v2 = await challenged('stale-approval');
    await commit('stale-approval', 3, 'approve', v2, { by: bob });
    await commit('stale-approval', 3, 'reject', v2);
    await commit('stale-approval', 4, 'startShadow', v2, { at: 2000 });
    await commit('stale-approval', 5, 'startChallenge', v2, { at: 2000, share: 2000 });
    await expect(commit('stale-approval', 6, 'promote', v2)).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });
});

describe('which version served at T, and why', () => {
  it('is the champion then, with the decision that made it so', async () => {
    const [v1, v2] = (await endpointWith('history', 2)) as [VersionRef, VersionRef];
    await commit('history', 0, 'deploy', v1, { at: 100, note: 'the first' });
    await commit('history', 1, 'startShadow', v2, { at: 200 });
    await commit('history', 2, 'startChallenge', v2, { at: 300, share: 2000 });
    await commit('history', 3, 'promote', v2, { at: 400, note: 'better' });
    await commit('history', 4, 'rollBack', v2, { at: 500, note: 'an exercise' });
    await commit('history', 5, 'promote', v2, { at: 500, note: 'again' });
    const at = async (time: number) => {
      const served = await test.registry.servedAt('history', time);
      return served && [served.version.version, served.epoch, served.because.action, served.because.note];
    };
    expect(await at(99)).toBeNull();
    expect(await at(100)).toEqual([1, 1, 'deploy', 'the first']);
    expect(await at(399)).toEqual([1, 3, 'deploy', 'the first']);
    expect(await at(400)).toEqual([2, 4, 'promote', 'better']);
    expect(await at(500)).toEqual([2, 6, 'promote', 'again']);
    expect((await test.registry.servedAt('history', 350))?.table.challengers).toEqual([{ version: v2, share: 2000 }]);
    expect((await test.registry.servedAt('history', 400))?.because.reasons).toEqual([{ code: 'nonInferior', numbers: { upper: 0.004 } }]);
  });
});
