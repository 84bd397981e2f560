import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MettleError, days, hashOf, hours, type Policy, type Principal } from '@mettle/contracts';
import { openPlatform, type Platform } from './testing/platform.ts';
import { day, specOf } from './testing/world.ts';

const byHand: Policy['retrain'] = { onIncident: false, onConfirmedDrift: false, maxAge: null, cooldown: 0 };
const approver: Principal = { id: 'ann', kind: 'person', roles: ['approver'] };
const scientist: Principal = { id: 'bob', kind: 'person', roles: ['scientist', 'approver'] };

describe('a candidate', () => {
  let platform: Platform;
  beforeAll(async () => { platform = await openPlatform(); });
  afterAll(() => platform.close());
  const scenario = (policy: Partial<Policy> = {}) => platform.scenario({ policy: { retrain: byHand, ...policy } });

  it('is refused at qualification when its training set is not what serving computes', async () => {
    const { world, client, endpoint, live, begin } = await scenario();
    await begin();
    const other = world.snapshotOf(day(0), 1).manifest;
    world.answers.parity = (snapshot) => (snapshot === other ? { verdict: 'fail', rows: 1000, mismatches: 998, report: hashOf('r') } : { verdict: 'pass', rows: 1000, mismatches: 0, report: hashOf('r') });
    await client.launch(specOf(endpoint, 'other-unit', { snapshot: other }));
    const { lifecycles } = await live(1, 1);
    expect(lifecycles[0]).toMatchObject({ state: 'rejected', phase: 'qualify', verdict: 'fail', reasons: [{ code: 'PARITY_MISMATCH', numbers: { rows: 1000, mismatches: 998 } }] });
    expect(world.table.shadows).toEqual([]);
    expect(world.decisions.at(-1)).toMatchObject({ action: 'reject', phase: 'qualify', epochAfter: null, reasons: [{ code: 'PARITY_MISMATCH' }] });
    expect(world.versions.get('lateness@2')?.qualified).toBe('fail');
  });

  it('is refused when the file does not give what its trainer reported, or misses a bound', async () => {
    const { world, client, endpoint, live, begin } = await scenario();
    await begin();
    world.answers.recomputed = () => 0.61;
    await client.launch(specOf(endpoint, 'scaled'));
    const { lifecycles } = await live(1, 1);
    expect(lifecycles[0]?.reasons.map((reason) => reason.code)).toEqual(['REPORTED_METRICS_DIFFER:holdout log_loss', 'OFFLINE_OUT_OF_BOUNDS:log_loss']);
  });

  it('is stopped in shadow by harm, and leaves the route with its evidence', async () => {
    const { world, client, endpoint, live, begin } = await scenario();
    await begin();
    world.answers.difference = () => 0.05;
    await client.launch(specOf(endpoint, 'worse'));
    const { lifecycles } = await live(1, 9);
    expect(lifecycles[0]).toMatchObject({ state: 'rejected', phase: 'shadow', verdict: 'fail' });
    expect(world.table.shadows).toEqual([]);
    const last = world.decisions.at(-1);
    expect(last).toMatchObject({ action: 'reject', phase: 'shadow', verdict: 'fail' });
    expect(world.evidence.get(last?.evidence ?? '')?.phase).toBe('shadow');
    expect(world.decisions.some((decision) => decision.action === 'startChallenge')).toBe(false);
  });

  it('is asked to be superior when it was launched as a refresh and its recipe is not the champion\'s', async () => {
    const { world, client, endpoint, live, begin } = await scenario();
    await begin();
    // Surely worse, by less than the margin of a refresh.
    world.answers.difference = () => 0.005;
    const same = await client.launch(specOf(endpoint, 'same-recipe'));
    const other = await client.launch(specOf(endpoint, 'other-features', { service: hashOf('other service') }));
    await live(1, 9);
    expect(world.statuses.get(same.id)).toMatchObject({ kind: 'refresh', phase: 'challenge', verdict: 'pass' });
    expect(world.statuses.get(other.id)).toMatchObject({ kind: 'change', state: 'rejected', phase: 'shadow', verdict: 'fail', reasons: [{ code: 'HARM', numbers: { margin: 0 } }] });
  });

  it('is not promoted by a rule that the comparisons before it do not admit: its short shadow has not seen the rare bad hour', async () => {
    const { world, client, endpoint, live, begin } = await scenario({ shadow: { min: days(7), max: days(14), lookEvery: days(7), concurrent: 3 } });
    await begin();
    world.answers.past = Array.from({ length: 8 * 56 }, (_, k) => ({ at: day(-56) + k * hours(3), rows: 100, sum: k % 60 === 0 ? 20 : -0.33 + (k % 2 === 0 ? 0.1 : -0.1) }));
    const { id } = await client.launch(specOf(endpoint, 'lucky'));
    await live(1, 16);
    expect(world.statuses.get(id)).toMatchObject({ state: 'undetermined', phase: 'shadow', reasons: [{ code: 'HORIZON_ENDED' }, { code: 'RULE_NOT_ADMITTED' }] });
    expect(world.decisions.some((decision) => decision.action === 'startChallenge')).toBe(false);
  });

  it('ends undetermined when the horizon ends without labels', async () => {
    const { world, client, endpoint, live, begin } = await scenario({ shadow: { min: days(7), max: days(14), lookEvery: days(7), concurrent: 3 } });
    await begin();
    world.answers.labelled = false;
    const { id } = await client.launch(specOf(endpoint, 'silent'));
    await live(1, 16);
    expect(world.statuses.get(id)).toMatchObject({ state: 'undetermined', verdict: 'undetermined', phase: 'shadow' });
    expect(world.decisions.at(-1)).toMatchObject({ action: 'reject', verdict: 'undetermined' });
  });

  it('is rolled back when it harms after its promotion', async () => {
    const { world, client, endpoint, live, begin } = await scenario({ bake: days(7) });
    await begin();
    const { id } = await client.launch(specOf(endpoint, 'ages-badly'));
    world.answers.difference = (_candidate, _champion, at) => (at < day(12) ? -0.005 : 0.05);
    await live(1, 19);
    expect(world.story().slice(-2)).toEqual(['promote lateness@2 at 12', 'rollBack lateness@2 at 16']);
    expect(world.table.champion?.version).toBe(1);
    expect(world.statuses.get(id)).toMatchObject({ state: 'rolledBack', phase: 'bake', verdict: 'fail' });
  });

  it('goes on when an operator rolls it back while it bakes: the operator has the last word', async () => {
    const { world, client, endpoint, live, begin } = await scenario({ bake: days(7) });
    await begin();
    const { id } = await client.launch(specOf(endpoint, 'good'));
    await live(1, 13);
    const version = { model: 'lateness', version: 2 };
    const word = { endpoint, at: day(13), action: 'rollBack' as const, phase: null, version, verdict: null, reasons: [], evidence: null, policy: null, by: approver, note: 'a hunch', share: null, key: 'hunch' };
    await client.decide(word);
    await live(14, 15);
    expect(world.statuses.get(id)).toMatchObject({ state: 'rolledBack', reasons: [{ code: 'REPLACED_BY_OPERATOR' }] });
    expect(world.story().filter((line) => line.startsWith('rollBack'))).toHaveLength(1);
  });

  it('waits for a person who may approve, and for nobody else', async () => {
    const { world, client, endpoint, live, begin } = await scenario({ approval: { by: 'person', notTheAuthor: true } });
    await begin();
    const { id } = await client.launch(specOf(endpoint, 'asked', { by: scientist }));
    await live(1, 12);
    expect(await client.lifecycleStatus(id)).toMatchObject({ phase: 'approve', state: 'approval' });
    await expect(client.approve(id, { by: { id: 'eve', kind: 'person', roles: ['viewer'] }, note: '' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(client.approve(id, { by: scientist, note: '' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(client.approve(id, { by: { id: 'robot', kind: 'service', roles: ['approver'] }, note: '' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const status = await client.approve(id, { by: approver, note: 'reviewed' });
    expect(status.phase).toBe('bake');
    expect(world.story().slice(-2)).toEqual(['approve lateness@2 at 12', 'promote lateness@2 at 12']);
    expect(world.decisions.at(-2)).toMatchObject({ by: { id: 'ann' }, note: 'reviewed' });
    await expect(client.approve(id, { by: approver, note: 'again' })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });

  it('is still stopped by harm while it waits for an approval', async () => {
    const { world, client, endpoint, live, begin } = await scenario({ approval: { by: 'person', notTheAuthor: false } });
    await begin();
    const { id } = await client.launch(specOf(endpoint, 'late-harm'));
    await live(1, 12);
    world.answers.difference = () => 0.05;
    await live(13, 13);
    expect(world.statuses.get(id)).toMatchObject({ state: 'rejected', phase: 'approve', verdict: 'fail' });
    expect(world.table.challengers).toEqual([]);
  });

  it('is ended by an operator, and taken out of the route', async () => {
    const { world, client, endpoint, live, begin } = await scenario();
    await begin();
    const { id } = await client.launch(specOf(endpoint, 'unwanted'));
    await live(1, 3);
    expect(world.table.shadows).toHaveLength(1);
    const status = await client.reject(id, { by: approver, note: 'not now' });
    expect(status).toMatchObject({ state: 'rejected', reasons: [{ code: 'REJECTED_BY_PERSON' }] });
    expect(world.table.shadows).toEqual([]);
    expect(world.decisions.at(-1)).toMatchObject({ action: 'reject', by: { id: 'ann' } });
    await expect(client.reject(id, { by: approver, note: '' })).rejects.toMatchObject({ code: 'UNKNOWN_LIFECYCLE' });
    await live(4, 5);
  });

  it('fails with the code of what failed, and the clock goes on', async () => {
    const { world, client, endpoint, live, begin } = await scenario();
    await begin();
    world.answers.train = () => { throw new MettleError('TRAINER_CRASHED', 'exit code 3', { log: 'abc' }); };
    await client.launch(specOf(endpoint, 'crashes'));
    const { lifecycles } = await live(1, 1);
    expect(lifecycles[0]).toMatchObject({ state: 'failed', phase: 'train', version: null, reasons: [{ code: 'TRAINER_CRASHED' }] });
    expect(lifecycles[0]?.waitsFor).toContain('exit code 3');
    expect((await live(2, 3)).watermark).toBe(day(3));
  });

  it('leaves the route when a later phase fails', async () => {
    const { world, client, endpoint, live, begin } = await scenario();
    await begin();
    world.answers.difference = () => { throw new MettleError('CORRUPT_BLOB', 'the bytes differ'); };
    const { id } = await client.launch(specOf(endpoint, 'unmeasured'));
    await live(1, 9);
    expect(world.statuses.get(id)).toMatchObject({ state: 'failed', phase: 'shadow', reasons: [{ code: 'CORRUPT_BLOB' }] });
    expect(world.table.shadows).toEqual([]);
  });

  it('that is a change must be superior, and is compared with whoever is champion', async () => {
    const { world, client, endpoint, live, begin } = await scenario();
    await begin();
    world.answers.difference = () => 0;
    const { id } = await client.launch(specOf(endpoint, 'more-features', { kind: 'change' }));
    await live(1, 30);
    expect(world.statuses.get(id)?.state).toBe('undetermined');
  });
});
