import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hypergeometricMass } from '../binomial.ts';
import { chiSquareSf } from '../chi-square.ts';
import { createRandom } from '../random.ts';
import { ksExactSf, ksTest } from '../two-sample/ks.ts';
import * as d from './index.ts';
import type { DetectorReading } from './index.ts';

interface Detector { readonly start: () => unknown; readonly update: (state: never, values: never) => unknown; readonly read: (state: never) => DetectorReading }

const DETECTORS: Record<string, Detector> = {
  ADWIN: { start: () => d.startAdwin({ clock: 8, delta: 0.1 }), update: d.updateAdwin, read: d.readAdwin },
  'ADWIN of the paper': { start: () => d.startAdwin({ clock: 8, delta: 0.1, afterChange: 'shrink' }), update: d.updateAdwin, read: d.readAdwin },
  DDM: { start: () => d.startDdm({ warmUp: 10 }), update: d.updateDdm, read: d.readDdm },
  EDDM: { start: () => d.startEddm({ warmUp: 10 }), update: d.updateEddm, read: d.readEddm },
  'Page-Hinkley': { start: () => d.startPageHinkley({ threshold: 5, warmUp: 10 }), update: d.updatePageHinkley, read: d.readPageHinkley },
  CUSUM: { start: () => d.startCusum({ warmUp: 10 }), update: d.updateCusum, read: d.readCusum },
  KSWIN: { start: () => d.startKswin({ window: 30, recent: 10, alpha: 0.01 }), update: d.updateKswin, read: d.readKswin },
};
/** Errors whose rate rises at a third and falls at two thirds. */
const errors = (seed: number, n: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: n }, (_, at) => (random.next() < (at > n / 3 && at < (2 * n) / 3 ? 0.8 : 0.1) ? 1 : 0));
};

describe.each(Object.entries(DETECTORS))('%s', (_, { start, update, read }) => {
  it('finds the same changes in any batches, and after a restart between them', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 10 }), (seed, cuts) => {
      const stream = errors(seed, 240);
      const whole = update(start() as never, stream as never);
      let parts = start();
      const found: number[] = [];
      let from = 0;
      for (const size of [...cuts, stream.length]) {
        parts = JSON.parse(JSON.stringify(update(parts as never, stream.slice(from, from + size) as never)));
        found.push(...read(parts as never).changes);
        from += size;
        if (from >= stream.length) break;
      }
      const want = read(whole as never);
      const got = read(parts as never);
      expect(found).toEqual(want.changes);
      expect([got.n, got.detections, got.estimate]).toEqual([want.n, want.detections, want.estimate]);
    }), { seed: 8, numRuns: 25 });
  });

  it('finds a large change of the mean soon', () => {
    const stream = errors(3, 600);
    const { changes } = read(update(start() as never, stream as never) as never);
    expect(changes.some((at) => at >= 200 && at < 270)).toBe(true);
  });

  it('takes one value as a batch of one, leaves the given state alone, and refuses what is no number', () => {
    const one = start();
    const before = JSON.stringify(one);
    expect(update(one as never, 1 as never)).toEqual(update(one as never, [1] as never));
    expect(JSON.stringify(one)).toBe(before);
    expect(read(one as never)).toMatchObject({ n: 0, changes: [], estimate: null });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => update(one as never, [0, bad] as never)).toThrowError(/finite/);
  });
});

describe('ADWIN', () => {
  it('keeps a logarithmic histogram whose sums are the window\'s', () => {
    const random = createRandom(4);
    const values = Float64Array.from({ length: 100_000 }, () => random.next());
    const state = d.updateAdwin(d.startAdwin(), values);
    const buckets = state.rows.flatMap((row, at) => row.sums.map((sum, k) => ({ size: 2 ** at, sum, squares: row.squares[k] ?? 0 })));
    expect(buckets.length).toBeLessThan(6 * 18);
    expect(buckets.reduce((size, bucket) => size + bucket.size, 0)).toBe(state.width);
    expect(state.width).toBe(100_000);
    expect(d.readAdwin(state).estimate).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 100_000, 12);
    expect(state.squares / state.width).toBeCloseTo(1 / 12, 3);
  });
  it('looks only once more than the grace has arrived', () => {
    const stream = [...new Array<number>(20).fill(0), ...new Array<number>(30).fill(100)];
    expect(d.readAdwin(d.updateAdwin(d.startAdwin({ clock: 1, grace: 40 }), stream)).changes[0]).toBe(40);
  });
  it('keeps the recent part of the window when asked to', () => {
    const stream = [...new Array<number>(500).fill(0), ...new Array<number>(500).fill(1)];
    const { width, estimate } = d.readAdwin(d.updateAdwin(d.startAdwin({ afterChange: 'shrink' }), stream));
    expect(width).toBeLessThanOrEqual(512);
    expect(estimate).toBeGreaterThan(0.95);
  });
});

describe('KSWIN', () => {
  it('tests at its level: alarms on one law are no more than alpha of the tests', () => {
    let alarms = 0;
    for (let seed = 0; seed < 8; seed += 1) {
      const random = createRandom(100 + seed);
      alarms += d.readKswin(d.updateKswin(d.startKswin({ seed, alpha: 0.01 }), Float64Array.from({ length: 1000 }, () => random.normal()))).detections;
    }
    expect(alarms).toBeGreaterThan(0);
    expect(alarms / (8 * 900)).toBeLessThanOrEqual(0.01);
  });
  it('draws by seed and index: the same seed finds the same changes, another may not', () => {
    const random = createRandom(9);
    const stream = Float64Array.from({ length: 2000 }, (_, at) => random.normal() + at / 800);
    const found = (seed: number): readonly number[] => d.readKswin(d.updateKswin(d.startKswin({ seed }), stream)).changes;
    expect(found(1)).toEqual(found(1));
    expect(found(1)).not.toEqual(found(2));
  });
});

describe('a KSWIN test', () => {
  it('draws without replacement: an older part as long as the recent one is tested whole', () => {
    const random = createRandom(6);
    const values = Array.from({ length: 20 }, () => random.normal());
    const { pValue } = ksTest(values.slice(0, 10), values.slice(10));
    for (let seed = 0; seed < 30; seed += 1) expect(d.readKswin(d.updateKswin(d.startKswin({ window: 20, recent: 10, seed }), values)).pValue).toBe(pValue);
  });
  it.each([0.003, 0.05, 0.2, ksExactSf(0.6, 10, 10), ksExactSf(0.5, 10, 10)])('alarms exactly where the test of both halves says so at %d', (alpha) => {
    const random = createRandom(21);
    const stream = Array.from({ length: 400 }, (_, at) => random.normal() + (at % 150 > 75 ? 0.8 : 0));
    const changes: number[] = [];
    for (let from = 0, at = 19; at < stream.length; at += 1) {
      if (at - from < 19) continue;
      from = at - 19;
      const { statistic, pValue } = ksTest(stream.slice(from, from + 10), stream.slice(from + 10, at + 1));
      if ((pValue ?? 1) > alpha || (statistic ?? 0) <= 0.1) continue;
      changes.push(at);
      from = at - 9;
    }
    expect(changes.length).toBeGreaterThan(0);
    expect(d.updateKswin(d.startKswin({ window: 20, recent: 10, alpha }), stream).changes).toEqual(changes);
  });
  it('has no change in gaps of at most a tenth, whatever its level', () => {
    const found = (ones: number): readonly number[] => d.updateKswin(d.startKswin({ window: 120, recent: 60, alpha: 0.9999 }), [...new Array<number>(120 - ones).fill(0), ...new Array<number>(ones).fill(1)]).changes;
    expect(ksExactSf(0.1, 60, 60)).toBeLessThan(0.9999);
    expect(found(6)).toEqual([]);
    expect(found(7)).toEqual([119]);
  });
  it.each([[[0, 1, 2, 3, 4]], [[10, 11, 12, 13, 14]], [[0, 3, 7, 11, 14]]])('draws every set of the older values equally often (ones at %j)', (ones) => {
    // Against recent zeros D is the share of ones among the five drawn of fifteen, and each D has a p-value of its own.
    const values = Array.from({ length: 20 }, (_, at) => (ones.includes(at) ? 1 : 0));
    const hitsOf = new Map(Array.from({ length: 6 }, (_, hits) => [ksExactSf(hits / 5, 5, 5), hits]));
    const counts = new Array<number>(6).fill(0);
    for (let seed = 0; seed < 6000; seed += 1) {
      const hits = hitsOf.get(d.readKswin(d.updateKswin(d.startKswin({ window: 20, recent: 5, alpha: 1e-9, seed }), values)).pValue ?? -1) as number;
      counts[hits] = (counts[hits] as number) + 1;
    }
    const expected = counts.map((_, hits) => 6000 * hypergeometricMass(hits, 5, 10, 5));
    const statistic = counts.reduce((sum, count, hits) => sum + (count - (expected[hits] as number)) ** 2 / (expected[hits] as number), 0);
    expect(chiSquareSf(statistic, 5), counts.join(' ')).toBeGreaterThan(1e-3);
  });
  it('draws anew for the same window at another index', () => {
    let state = d.startKswin({ window: 40, recent: 10, alpha: 1e-9 });
    const seen = new Set<number | null>();
    for (let k = 0; k < 40; k += 1) {
      state = d.updateKswin(state, [0, 3, 1, 6, 2, 5, 4]);
      if (k > 6) seen.add(d.readKswin(state).pValue);
    }
    expect(seen.size).toBeGreaterThan(1);
  });
  it('leaves the recent part as the window of a change', () => {
    const state = d.updateKswin(d.startKswin({ window: 40, recent: 10, alpha: 0.01 }), [...new Array<number>(60).fill(0), ...new Array<number>(20).fill(1)]);
    const [at = 0] = state.changes;
    expect(at).toBeGreaterThanOrEqual(60);
    expect(state.values.length).toBe(10 + 79 - at);
  });
});

describe('CUSUM', () => {
  it('takes a known reference, and then needs no warm-up', () => {
    const state = d.updateCusum(d.startCusum({ reference: { mean: 0, sd: 1 } }), [0, 0, 3, 3, 3]);
    expect(d.readCusum(state).changes).toEqual([4]);
  });
});

describe('options', () => {
  it('are refused when nothing could follow from them', () => {
    expect(() => d.startAdwin({ delta: 0 })).toThrowError(/alpha/);
    expect(() => d.startAdwin({ maxBuckets: 1 })).toThrowError(/maxBuckets/);
    expect(() => d.startAdwin({ clock: 0 })).toThrowError(/clock/);
    expect(() => d.startEddm({ warning: 0.8, drift: 0.9 })).toThrowError(/warning/);
    expect(() => d.startDdm({ drift: Number.NaN })).toThrowError(/drift/);
    expect(() => d.startPageHinkley({ keep: 0 })).toThrowError(/keep/);
    expect(() => d.startCusum({ warmUp: 1 })).toThrowError(/warmUp/);
    expect(() => d.startKswin({ window: 50, recent: 30 })).toThrowError(/twice/);
    expect(() => d.updateDdm(d.startDdm(), [0.5])).toThrowError(/error/);
    expect(() => d.updateEddm(d.startEddm(), 2)).toThrowError(/error/);
  });
});
