import { hashOf, type RawSegment, type SegmentRef } from '@mettle/contracts';
import { sql } from '@mettle/metadata-db';
import { startPostgres, type TestPostgres } from '@mettle/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRegistry, type Registry } from './registry.ts';
import { hash, openTestRegistry, type TestRegistry } from './testing/fixtures.ts';

const segment = (i: number, table: SegmentRef['table'] = 'events'): SegmentRef => ({ table, name: table === 'events' ? 'weather' : '', hash: hash(`segment ${i} ${table}`), bytes: i, rows: 1, range: { from: i, to: i + 1 }, sequences: { from: i, to: i } });
const piece = (i: number, log: RawSegment['log'] = 'events'): RawSegment => ({ log, writer: 'p0', hash: hash(`raw ${i} ${log}`), bytes: i, rows: 1, sequences: { from: i, to: i } });
const predicted = (endpoint: string, i: number): RawSegment => ({ ...piece(i, 'predictions'), writer: endpoint, hash: hash(`${endpoint} ${i}`) });

/** What compaction does of its pieces: a segment per batch and log, named by what it was made of; knownAt is the sequence. */
function made(pieces: readonly RawSegment[]): SegmentRef[] {
  const groups = new Map<string, RawSegment[]>();
  for (const one of pieces) {
    const key = `${one.batch ?? ''}/${one.log}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const [from, to] = [Math.min(...group.map((one) => one.sequences.from)), Math.max(...group.map((one) => one.sequences.to))];
    const table = group[0]!.log;
    return { table, name: table === 'events' ? 'weather' : '', hash: hashOf(group.map((one) => one.hash).sort()), bytes: 1, rows: group.length, range: { from, to: to + 1 }, sequences: { from, to } };
  });
}

describe.each(['pglite', 'postgres'] as const)('the steps of endpoints on %s', (kind) => {
  let server: TestPostgres | null = null;
  let opened: TestRegistry;
  let test: { readonly registry: Registry };
  let elsewhere: Registry;
  beforeAll(async () => {
    server = kind === 'postgres' ? await startPostgres() : null;
    opened = await openTestRegistry(await server?.createDatabase('steps'));
  });
  afterAll(async () => {
    await opened.close();
    await server?.stop();
  });
  /** An empty project, and two processes at work in it. */
  const open = async (): Promise<void> => {
    await opened.db.orm.execute(sql`truncate batches, raws, segments, watermarks`);
    const process = (): Registry => createRegistry({ db: opened.db, blobs: opened.blobs, now: () => 1 });
    [test, elsewhere] = [{ registry: process() }, process()];
  };
  beforeEach(open);
  const seal = async (endpoint: string, ...pieces: RawSegment[]): Promise<RawSegment[]> => (await test.registry.openPieces(endpoint, pieces)).fresh;
  const step = (endpoint: string, watermark: number, raws: RawSegment[]): Promise<boolean> => test.registry.registerStep({ endpoint, watermark, raws, segments: made(raws) });
  const sequences = async (endpoint: string, watermark: number, table: SegmentRef['table'] = 'events'): Promise<number[]> =>
    (await elsewhere.segmentsUpTo(endpoint, watermark)).filter((one) => one.table === table).flatMap((one) => Array.from({ length: one.sequences.to - one.sequences.from + 1 }, (_, i) => one.sequences.from + i)).sort((x, y) => x - y);

  it('see what is registered by their watermark, in one order, and a step once', async () => {
    const first = { endpoint: 'late', watermark: 10, raws: [piece(2), piece(1)], segments: [segment(2), segment(1)] };
    expect(await test.registry.registerStep(first)).toBe(true);
    expect(await test.registry.registerStep(first)).toBe(false);
    const labels = piece(4, 'labels');
    await test.registry.registerStep({ endpoint: 'late', watermark: 20, raws: [piece(3), labels], segments: [segment(3), segment(4, 'labels')] });
    expect(await test.registry.segmentsUpTo('late', 10)).toEqual([segment(1), segment(2)]);
    expect(await test.registry.segmentsUpTo('late', 20)).toEqual([segment(1), segment(2), segment(3), segment(4, 'labels')]);
    expect(await test.registry.segmentsUpTo('late', 9)).toEqual([]);
    expect(await elsewhere.rawsUpTo('late', 10)).toEqual([piece(1), piece(2)]);
    expect((await elsewhere.rawsUpTo('late', 20)).map((raw) => raw.hash)).toEqual([piece(1), piece(2), piece(3), labels].map((raw) => raw.hash));
    expect(await elsewhere.watermark('late')).toBe(20);
    // A step of the past changes nothing.
    expect(await test.registry.registerStep({ endpoint: 'late', watermark: 15, raws: [piece(9)], segments: [segment(9)] })).toBe(false);
    expect(await elsewhere.segmentsUpTo('late', 99)).toHaveLength(4);
  });

  it('keep thousands, and none', async () => {
    const many = Array.from({ length: 2500 }, (_, i) => i + 1);
    await step('many', 0, []);
    await test.registry.registerStep({ endpoint: 'many', watermark: 3000, raws: many.map((i) => piece(i)), segments: many.map((i) => segment(i)) });
    expect(await elsewhere.segmentsUpTo('many', 3000)).toHaveLength(2500);
    await step('other', 3000, []);
    expect(await elsewhere.segmentsUpTo('other', 3000)).toEqual(await elsewhere.segmentsUpTo('many', 3000));
  });

  it('see the shared logs whichever of them sealed, as far as their own watermark, and never each other\'s predictions', async () => {
    await step('a', 5, await seal('a', piece(1), piece(2), piece(5, 'labels'), predicted('a', 1)));
    await step('b', 3, await seal('b', predicted('b', 1)));
    // Nothing new was sealed by b, and its labels are known at 5 only.
    expect(await sequences('b', 3)).toEqual([1, 2]);
    expect(await sequences('b', 3, 'labels')).toEqual([]);
    await step('b', 6, await seal('b', piece(6), piece(9, 'observations')));
    expect([await sequences('b', 6), await sequences('b', 6, 'labels')]).toEqual([[1, 2, 6], [5]]);
    // a is behind what b sealed, except for observations, whose T may lie ahead.
    await step('a', 5, []);
    expect([await sequences('a', 5), await sequences('a', 5, 'observations')]).toEqual([[1, 2], []]);
    await step('a', 7, await seal('a'));
    expect([await sequences('a', 7), await sequences('a', 7, 'observations')]).toEqual([[1, 2, 6], [9]]);
    expect((await elsewhere.segmentsUpTo('a', 7)).filter((one) => one.table === 'predictions')).toHaveLength(1);
    // One that is declared later sees history, and so does nobody else change.
    await step('late', 4, await seal('late'));
    expect([await sequences('late', 4), await sequences('late', 4, 'predictions')]).toEqual([[1, 2], []]);
    expect(await sequences('b', 3)).toEqual([1, 2]);
  });

  it('make the same of a piece that another left sealed and not registered', async () => {
    const left = await seal('a', piece(1), piece(2));
    // a is killed; b meets its pieces beside a new one.
    const both = await seal('b', piece(1), piece(2), piece(3));
    expect(new Set(both.map((one) => one.batch)).size).toBe(2);
    expect(made(both)).toContainEqual(made(left)[0]);
    await step('b', 4, both);
    await step('a', 4, left);
    for (const endpoint of ['a', 'b']) expect(await sequences(endpoint, 4)).toEqual([1, 2, 3]);
    expect(await elsewhere.segmentsUpTo('a', 4)).toEqual(await elsewhere.segmentsUpTo('b', 4));
    expect((await test.registry.openPieces('c', [piece(1), piece(3)])).stale.sort()).toEqual([piece(1).hash, piece(3).hash].sort());
    // A rival that sealed less than the batch gets it whole.
    await seal('b', piece(4), piece(5));
    expect((await seal('a', piece(4))).map((one) => one.sequences.from).sort()).toEqual([4, 5]);
  });

  it('take a batch from whoever registers it first, even where the segments differ', async () => {
    const raws = await seal('a', piece(1));
    expect(await seal('b', piece(1))).toEqual(raws);
    const other = made(raws).map((one) => ({ ...one, hash: hash('with a column more') }));
    await Promise.all([step('a', 2, raws), elsewhere.registerStep({ endpoint: 'b', watermark: 2, raws, segments: other })]);
    expect(await elsewhere.segmentsUpTo('a', 2)).toHaveLength(1);
    expect(await elsewhere.segmentsUpTo('b', 2)).toEqual(await elsewhere.segmentsUpTo('a', 2));
  });

  it('whatever the order: every row once, in each, and nothing decided changes', async () => {
    const move = fc.record({ endpoint: fc.constantFrom('a', 'b', 'c'), does: fc.constantFrom('push', 'seal', 'register', 'step', 'step') });
    await fc.assert(fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 25 }), async (moves) => {
      await open();
      let pushed = 0;
      const files: RawSegment[] = [];
      const sealed = new Map<string, RawSegment[]>();
      const decided: { endpoint: string; watermark: number; seen: SegmentRef[] }[] = [];
      const register = async (endpoint: string): Promise<void> => {
        const raws = sealed.get(endpoint);
        if (raws === undefined) return;
        // Ahead of all that was pushed, so that every row is known.
        const watermark = 1000 + decided.length;
        await step(endpoint, watermark, raws);
        sealed.delete(endpoint);
        decided.push({ endpoint, watermark, seen: await test.registry.segmentsUpTo(endpoint, watermark) });
      };
      for (const { endpoint, does } of [...moves, ...['a', 'b', 'c', 'a', 'b', 'c'].map((name) => ({ endpoint: name, does: 'step' }))]) {
        if (does === 'push') files.push(piece(++pushed));
        if (does === 'seal' || does === 'step') sealed.set(endpoint, await seal(endpoint, ...files));
        if (does === 'register' || does === 'step') await register(endpoint);
      }
      for (const endpoint of ['a', 'b', 'c']) expect(await sequences(endpoint, 9999)).toEqual(Array.from({ length: pushed }, (_, i) => i + 1));
      for (const { endpoint, watermark, seen } of decided) expect(await elsewhere.segmentsUpTo(endpoint, watermark)).toEqual(seen);
      }), { numRuns: 12, seed: 7 });
  });
});
