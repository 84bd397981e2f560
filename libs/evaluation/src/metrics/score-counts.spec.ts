import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aucOf, averagePrecisionOf, countScores, mergeScoreCounts } from './score-counts.ts';

const scores = fc.array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 40 });

describe('score counts', () => {
  it('count pairs as the definition does: ties a half', () => {
    fc.assert(fc.property(scores, scores, (up, down) => {
      const pairs = up.flatMap((a) => down.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
      const { value, low, high } = aucOf(countScores(up, down));
      expect(value).toBeCloseTo(pairs.reduce<number>((sum, one) => sum + one, 0) / pairs.length, 12);
      expect([low, high]).toEqual([value, value]);
    }));
  });

  it('on a grid leave the value of the rows within their bounds', () => {
    fc.assert(fc.property(scores, scores, fc.constantFrom(0.05, 0.5, 2, 20), (up, down, grid) => {
      for (const of of [aucOf, averagePrecisionOf]) {
        const exact = of(countScores(up, down)).value ?? Number.NaN;
        const coarse = of(countScores(up, down, grid));
        expect(coarse.low ?? 9).toBeLessThanOrEqual(exact + 1e-12);
        expect(coarse.high ?? -9).toBeGreaterThanOrEqual(exact - 1e-12);
        expect(coarse.value ?? 9).toBeLessThanOrEqual((coarse.high ?? -9) + 1e-12);
        expect(coarse.value ?? -9).toBeGreaterThanOrEqual((coarse.low ?? 9) - 1e-12);
      }
    }), { numRuns: 300 });
  });

  it('merge exactly, and say so when a class is missing', () => {
    fc.assert(fc.property(scores, scores, scores, (a, b, c) => {
      expect(mergeScoreCounts(countScores(a, b), countScores(b, c))).toEqual(countScores([...a, ...b], [...b, ...c]));
    }));
    expect(aucOf(countScores([1], []))).toEqual({ value: null, reason: 'ONE_CLASS', low: null, high: null });
    expect(averagePrecisionOf(countScores([], [1])).reason).toBe('ONE_CLASS');
    expect(aucOf(countScores([], [])).reason).toBe('EMPTY_SAMPLE');
    expect(countScores([0], [-0]).scores).toEqual([0]);
    expect(() => countScores([Number.NaN], [])).toThrowError(/finite/);
    expect(() => mergeScoreCounts(countScores([], []), countScores([], [], 0.1))).toThrowError(/grids/);
  });

  it('bound a fine grid to little more than its width', () => {
    const up = Array.from({ length: 2000 }, (_, at) => (at * 0.618) % 1);
    const down = Array.from({ length: 3000 }, (_, at) => ((at * 0.414) % 1) ** 2);
    const { low, high } = aucOf(countScores(up, down, 1e-3));
    expect((high ?? 1) - (low ?? 0)).toBeLessThan(1.5e-3);
  });
});
