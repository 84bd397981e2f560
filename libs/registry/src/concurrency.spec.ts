import { isMettleError, type VersionRef } from '@mettle/contracts';
import { startPostgres, type TestPostgres } from '@mettle/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionOf, manifestOf, openTestRegistry, planOf, registered, type TestRegistry } from './testing/fixtures.ts';

const codesOf = (settled: PromiseSettledResult<unknown>[]): string[] =>
  settled.map((one) => (one.status === 'fulfilled' ? 'done' : isMettleError(one.reason) ? one.reason.code : String(one.reason))).sort();

describe.each(['pglite', 'postgres'] as const)('rivals on %s', (kind) => {
  let server: TestPostgres | null = null;
  let open: TestRegistry[] = [];
  /** Two control processes on PostgreSQL; on PGlite, which one process owns, twice the same. */
  let a: TestRegistry;
  let b: TestRegistry;

  beforeAll(async () => {
    if (kind === 'pglite') {
      a = b = await openTestRegistry();
    } else {
      server = await startPostgres();
      const url = await server.createDatabase('mettle');
      // Both migrate the empty database at once.
      [a, b] = await Promise.all([openTestRegistry(url), openTestRegistry(url, 5000)]);
    }
    open = [...new Set([a, b])];
  });
  afterAll(async () => {
    for (const each of open) await each.close();
    await server?.stop();
  });

  const challenged = async (name: string): Promise<VersionRef> => {
    await a.registry.declareEndpoint(planOf(name));
    const [one, two] = [await registered(a.registry, name, 'a'), await registered(a.registry, name, 'b')];
    await a.registry.commitDecision(name, 0, decisionOf(name, 'deploy', one));
    await a.registry.commitDecision(name, 1, decisionOf(name, 'startShadow', two));
    await a.registry.commitDecision(name, 2, decisionOf(name, 'startChallenge', two, { share: 2000 }));
    return two;
  };

  it('of two promotions at once exactly one wins', async () => {
    const two = await challenged('promotions');
    const promote = (test: TestRegistry, key: string) => test.registry.commitDecision('promotions', 3, decisionOf('promotions', 'promote', two, { key }));
    expect(codesOf(await Promise.allSettled([promote(a, 'x'), promote(b, 'y')]))).toEqual(['STALE_EPOCH', 'done']);
    expect(await b.registry.route('promotions')).toMatchObject({ epoch: 4, champion: two });
    expect(await a.registry.verifyChain('promotions')).toMatchObject({ ok: true, length: 4 });
  });

  it('of twenty candidates for one challenge one wins, the others read the new epoch', async () => {
    await a.registry.declareEndpoint(planOf('crowd'));
    const refs: VersionRef[] = [];
    for (let i = 0; i < 20; i++) refs.push(await registered(a.registry, 'crowd', `v${i}`));
    await a.registry.commitDecision('crowd', 0, decisionOf('crowd', 'deploy', refs[0]!));
    const shadow = (ref: VersionRef, i: number) => (i % 2 ? a : b).registry.commitDecision('crowd', 1, decisionOf('crowd', 'startShadow', ref));
    const codes = codesOf(await Promise.allSettled(refs.slice(1).map(shadow)));
    expect(codes).toEqual([...new Array<string>(18).fill('STALE_EPOCH'), 'done']);
    expect(await b.registry.verifyChain('crowd')).toMatchObject({ ok: true, length: 2 });
  });

  it('the same key at once is one decision, told to both', async () => {
    const two = await challenged('echo');
    const promote = (test: TestRegistry) => test.registry.commitDecision('echo', 3, decisionOf('echo', 'promote', two));
    const [first, second] = await Promise.all([promote(a), promote(b)]);
    expect(second).toEqual(first);
    expect(await a.registry.decisions('echo')).toHaveLength(4);
  });

  it('versions registered at once get numbers without gaps or doubles', async () => {
    await a.registry.createModel('busy', { by: manifestOf('busy').by });
    const refs = await Promise.all(Array.from({ length: 24 }, (_, i) => (i % 2 ? a : b).registry.registerVersion(manifestOf('busy'), `k${i}`)));
    expect(refs.map((ref) => ref.version).sort((x, y) => x - y)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  });

  it('one registration sent many times at once, of a model that is new, is one version', async () => {
    const send = (i: number) => (i % 2 ? a : b).registry.registerVersion(manifestOf('new-model'), 'same', { createModel: true });
    const refs = await Promise.all(Array.from({ length: 10 }, (_, i) => send(i)));
    expect(new Set(refs.map((ref) => ref.version))).toEqual(new Set([1]));
    expect(await b.registry.versions('new-model')).toHaveLength(1);
  });

  it('two endpoints that change champions of the same versions at once agree on the stages', async () => {
    const refs: VersionRef[] = [];
    for (let i = 0; i < 2; i++) refs.push(await registered(a.registry, 'common', `v${i}`));
    const [one, two] = refs as [VersionRef, VersionRef];
    for (const name of ['east', 'west']) await a.registry.declareEndpoint(planOf(name));
    const start = async (name: string, champion: VersionRef, other: VersionRef) => {
      await a.registry.commitDecision(name, 0, decisionOf(name, 'deploy', champion));
      await a.registry.commitDecision(name, 1, decisionOf(name, 'startShadow', other));
      await a.registry.commitDecision(name, 2, decisionOf(name, 'startChallenge', other, { share: 10 }));
    };
    await start('east', one, two);
    await start('west', two, one);
    // Each touches the rows of both versions, in its own order: many rounds, so that they cross.
    for (let round = 0; round < 10; round++) {
      const [east, west] = round % 2 ? [one, two] : [two, one];
      const promote = (test: TestRegistry, name: string, ref: VersionRef) => test.registry.commitDecision(name, 3 + round, decisionOf(name, 'promote', ref, { at: 2000 + round }));
      await Promise.all([promote(a, 'east', east), promote(b, 'west', west)]);
      expect((await a.registry.versions('common')).map((v) => v.stage)).toEqual(['production', 'production']);
    }
    const rollBack = (test: TestRegistry, name: string, withdrawn: VersionRef) => test.registry.commitDecision(name, 13, decisionOf(name, 'rollBack', withdrawn, { at: 3000 }));
    await Promise.all([rollBack(a, 'east', one), rollBack(b, 'west', two)]);
    expect((await a.registry.versions('common')).map((v) => v.stage)).toEqual(['production', 'production']);
  });

  it('a plan declared many times at once is one revision', async () => {
    const declared = await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? a : b).registry.declareEndpoint(planOf('declared'))));
    expect(new Set(declared.map((d) => d.revision))).toEqual(new Set([1]));
    expect(await a.registry.planHistory('declared')).toHaveLength(1);
  });

  it('a result remembered at once is the first one for all', async () => {
    const kept = await Promise.all([a.registry.remember('step/1', { by: 'a' }), b.registry.remember('step/1', { by: 'b' })]);
    expect(kept[0]).toEqual(kept[1]);
  });
});
