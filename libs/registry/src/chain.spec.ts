import { and, decisions, endpointHeads, eq, routes } from '@mettle/metadata-db';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decisionHash } from './chain.ts';
import { decisionOf, openTestRegistry, planOf, registered, type TestRegistry } from './testing/fixtures.ts';

let test: TestRegistry;
let count = 0;
let name = '';
beforeAll(async () => void (test = await openTestRegistry()));
afterAll(() => test.close());
beforeEach(async () => {
  name = `chained-${++count}`;
  await test.registry.declareEndpoint(planOf(name));
  const [one, two] = [await registered(test.registry, name, 'a'), await registered(test.registry, name, 'b')];
  await test.registry.commitDecision(name, 0, decisionOf(name, 'deploy', one));
  await test.registry.commitDecision(name, 1, decisionOf(name, 'startShadow', two, { note: 'zero \u0000 and ünïcode "quotes"', reasons: [{ code: 'tiny', numbers: { p: 1e-21, none: null, whole: -0 } }] }));
  await test.registry.commitDecision(name, 2, decisionOf(name, 'reject', two));
});

const link = (sequence: number) => and(eq(decisions.endpoint, name), eq(decisions.sequence, sequence));
const recordOf = async (sequence: number) => (await test.db.orm.select().from(decisions).where(link(sequence)))[0]!.record;
const verify = () => test.registry.verifyChain(name);

describe('verifyChain', () => {
  it('accepts what was committed, odd text and numbers included', async () => {
    expect(await verify()).toEqual({ ok: true, length: 3, brokenAt: null, problem: null });
  });

  it('finds an edited decision', async () => {
    await test.db.orm.update(decisions).set({ record: { ...(await recordOf(2)), note: 'nothing to see' } }).where(link(2));
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 2, problem: 'hash' });
  });

  it('finds an edited decision whose hash was made again', async () => {
    const forged = { ...(await recordOf(2)), note: 'nothing to see' };
    forged.hash = decisionHash(forged);
    await test.db.orm.update(decisions).set({ record: forged, hash: forged.hash }).where(link(2));
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 3, problem: 'previous' });
  });

  it('finds a forged last decision', async () => {
    const forged = { ...(await recordOf(3)), note: 'nothing to see' };
    forged.hash = decisionHash(forged);
    await test.db.orm.update(decisions).set({ record: forged, hash: forged.hash }).where(link(3));
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 3, problem: 'head' });
  });

  it('finds a removed decision, in the middle and at the end', async () => {
    const removed = await test.db.orm.delete(decisions).where(link(3)).returning();
    expect(await verify()).toMatchObject({ ok: false, problem: 'head' });
    await test.db.orm.insert(decisions).values(removed);
    await test.db.orm.delete(decisions).where(link(2));
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 2, problem: 'sequence' });
  });

  it('finds a column that tells another story than its record', async () => {
    await test.db.orm.update(decisions).set({ action: 'promote' }).where(link(2));
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 2, problem: 'columns' });
  });

  it('finds an edited route table and a moved head', async () => {
    const [row] = await test.db.orm.select().from(routes).where(and(eq(routes.endpoint, name), eq(routes.epoch, 1)));
    await test.db.orm.update(routes).set({ table: { ...row!.table, paused: true } }).where(and(eq(routes.endpoint, name), eq(routes.epoch, 1)));
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 1, problem: 'route' });
    await test.db.orm.update(endpointHeads).set({ epoch: 9 }).where(eq(endpointHeads.endpoint, name));
    expect(await verify()).toMatchObject({ ok: false, problem: 'head' });
  });

  it('knows no unknown endpoint', async () => {
    await expect(test.registry.verifyChain('nowhere')).rejects.toMatchObject({ code: 'UNKNOWN_ENDPOINT' });
  });
});
