import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { blockResample } from './block-bootstrap.ts';
import { oneSidedEValue, oneSidedHalfWidth, termsForDistance, twoSidedEValue, twoSidedHalfWidth } from './confidence-sequence.ts';
import { binnedKs, ksPValue, ksThreshold } from './kolmogorov-smirnov.ts';
import { autocorrelations, longRunVariance } from './long-run-variance.ts';
import { psi, psiPValue, psiThreshold } from './psi.ts';
import { createRandom, seedOf } from './random.ts';
import { sampleRatioRun } from './anytime/sample-ratio-sequence.ts';
import { sampleRatioEValue } from './sample-ratio.ts';
import { parseGoldens, relativeError } from './testing/goldens.ts';

const goldens = parseGoldens(readFileSync(new URL('../goldens/statistics.json', import.meta.url), 'utf8'));

const close = (got: number | null | undefined, want: number, limit = 1e-10): void => expect(relativeError(got ?? Number.NaN, want), `${got} against ${want}`).toBeLessThan(limit);

describe('golden values', () => {
  it.each(goldens.binned)('binned KS and PSI are SciPy\'s', ({ reference, current, ks, psi: index }) => {
    close(binnedKs(reference, current), ks);
    close(psi(reference, current), index);
  });

  it('Benjamini-Hochberg is SciPy\'s false_discovery_control, in any order', () => {
    const { p, adjusted } = goldens.benjaminiHochberg;
    benjaminiHochberg(p).forEach((got, at) => close(got, adjusted[at] ?? 0));
    benjaminiHochberg([...p].reverse()).reverse().forEach((got, at) => close(got, adjusted[at] ?? 0));
    expect(benjaminiHochberg([])).toEqual([]);
    expect(() => benjaminiHochberg([0.1, Number.NaN])).toThrowError(/p lies/);
  });

  it('long-run variance and autocorrelations are the written-out sums', () => {
    const { values, lag, variance, slotVariance, autocorrelations: rho } = goldens.longRun;
    const got = longRunVariance(values, lag);
    close(got.variance, variance);
    close(got.slotVariance, slotVariance);
    autocorrelations(values, lag).forEach((value, at) => close(value, rho[at] ?? 0));
  });

  it.each(goldens.sampleRatio)('sample ratio $counts is the ratio of SciPy\'s masses', ({ counts, shares, logE }) => {
    expect(Math.log(sampleRatioEValue(counts, shares))).toBeCloseTo(logE, 9);
  });

  it.each(goldens.sequences)('confidence sequence at n = $n', ({ n, variance, alpha, tunedFor, twoSided, oneSided, mean, twoSidedE, oneSidedE }) => {
    const input = { n, variance, alpha, tunedFor };
    close(twoSidedHalfWidth(input), twoSided);
    close(oneSidedHalfWidth(input), oneSided);
    close(twoSidedEValue(mean, input), twoSidedE);
    close(oneSidedEValue(mean, input), oneSidedE, 1e-6);
  });

  it('reproduces GrowthBook\'s sequential fixture', () => {
    const half = twoSidedHalfWidth({ n: 6461, variance: 0.33341 ** 2 * 6461, alpha: 0.05, tunedFor: 1000 });
    expect(0.50336 - half).toBeCloseTo(-0.55844, 4);
    expect(0.50336 + half).toBeCloseTo(1.56516, 4);
  });
});

describe('long-run variance', () => {
  it('gives no credit for negative autocorrelation', () => {
    const swinging = Array.from({ length: 100 }, (_, t) => (t % 2 === 0 ? 1 : -1));
    const got = longRunVariance(swinging, 8);
    expect(got.variance).toBe(got.slotVariance);
  });
  it('is zero for a constant and for one value', () => {
    expect(longRunVariance([3, 3, 3], 2).variance).toBe(0);
    expect(longRunVariance([3], 2).variance).toBe(0);
  });
  it('reads a part of a buffer as if it were the whole', () => {
    const values = [9, 1, 4, 2, 8, 5, 7];
    expect(longRunVariance(values, 2, 1, 5)).toEqual(longRunVariance(values.slice(1, 5), 2));
  });
});

describe('PSI', () => {
  it('is zero for equal shares, null for an empty sample, finite for an empty bin and infinite without pseudo-counts', () => {
    expect(psi([10, 20, 30], [10, 20, 30])).toBe(0);
    expect(psi([10, 20], [0, 0])).toBeNull();
    expect(psi([10, 20, 0], [10, 20, 5])).toBeGreaterThan(0);
    expect(psi([10, 20, 0], [10, 20, 5], { pseudoCount: 0 })).toBe(Number.POSITIVE_INFINITY);
    expect(psi([10, 0, 20], [20, 0, 10])).toBe(psi([10, 20], [20, 10]));
  });
  it('has a threshold that shrinks with both sizes and grows with the bins, and matches its own p-value', () => {
    const at = { n: 1000, m: 100, bins: 10 };
    expect(psiThreshold(at, 0.05)).toBeGreaterThan(psiThreshold({ ...at, m: 1000 }, 0.05));
    expect(psiThreshold(at, 0.05)).toBeLessThan(psiThreshold({ ...at, bins: 20 }, 0.05));
    expect(psiThreshold(at, 0.05)).toBeCloseTo(0.011 * 16.918977604620448, 12);
    expect(psiPValue(psiThreshold(at, 0.01), at)).toBeCloseTo(0.01, 12);
    expect(psiThreshold({ ...at, bins: 1 }, 0.05)).toBe(Number.POSITIVE_INFINITY);
  });
  it('refuses unequal or negative counts and an impossible alpha', () => {
    expect(() => psi([1, 2], [1])).toThrowError(/different bins/);
    expect(() => psi([1, -2], [1, 1])).toThrowError(/count/);
    expect(() => psi([1, Number.NaN], [1, 1])).toThrowError(/count/);
    expect(() => psiThreshold({ n: 5, m: 5, bins: 3 }, 1)).toThrowError(/alpha/);
  });
});

describe('binned KS', () => {
  it('matches its threshold and its p-value', () => {
    expect(ksThreshold(100, 100, 0.05)).toBeCloseTo(1.3580986393225505 * Math.sqrt(0.02), 10);
    expect(ksPValue(ksThreshold(1000, 300, 0.001), 1000, 300)).toBeCloseTo(0.001, 12);
    expect(binnedKs([1, 1], [0, 0])).toBeNull();
    expect(binnedKs([5, 0], [0, 5])).toBe(1);
  });
});

describe('sample ratio', () => {
  it('has mean one or less under the plan: rarely reaches 1/alpha although looked at every batch', () => {
    const random = createRandom(11);
    let alarms = 0;
    for (let run = 0; run < 300; run += 1) {
      const batches = Array.from({ length: 30 }, () => {
        let challenger = 0;
        for (let unit = 0; unit < 50; unit += 1) if (random.next() < 0.2) challenger += 1;
        return [50 - challenger, challenger];
      });
      if (sampleRatioRun(batches, [0.8, 0.2]).eValue >= 20) alarms += 1;
    }
    expect(alarms / 300).toBeLessThanOrEqual(0.05);
  });
  it('sees a broken split, and remembers it', () => {
    const broken = sampleRatioRun([[700, 300], [900, 100]], [0.8, 0.2]);
    expect(broken.eValue).toBeGreaterThan(1000);
    expect(broken.counts).toEqual([1600, 400]);
  });
  it('refuses shares that are no plan', () => {
    expect(() => sampleRatioEValue([1, 2], [0.5, 0.4])).toThrowError(/shares/);
    expect(() => sampleRatioEValue([1, 2], [1, 0])).toThrowError(/shares/);
    expect(() => sampleRatioEValue([1, -2], [0.5, 0.5])).toThrowError(/counts/);
  });
});

describe('termsForDistance', () => {
  it('finds the first n that is wide enough', () => {
    const input = { variance: 2.5e-4, alpha: 0.05, tunedFor: 56 };
    const n = termsForDistance(0.005, input, 1000) ?? 0;
    expect(oneSidedHalfWidth({ ...input, n })).toBeLessThan(0.005);
    expect(oneSidedHalfWidth({ ...input, n: n - 1 })).toBeGreaterThanOrEqual(0.005);
    expect(termsForDistance(1e-6, input, 1000)).toBeNull();
  });
});

describe('chance', () => {
  it('repeats by seed, differs between seeds, and is uniform and normal enough', () => {
    const draw = (seed: number): number[] => { const random = createRandom(seed); return Array.from({ length: 5 }, () => random.next()); };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(seedOf('a')).not.toBe(seedOf('b'));
    const random = createRandom(5);
    const counts = new Array<number>(10).fill(0);
    let squares = 0;
    for (let k = 0; k < 20_000; k += 1) { counts[random.below(10)] = (counts[random.below(10)] ?? 0) + 1; squares += random.normal() ** 2; }
    expect(Math.max(...counts) / 20_000).toBeLessThan(0.115);
    expect(squares / 20_000).toBeCloseTo(1, 1);
  });
  it('resamples in consecutive blocks that wrap', () => {
    const out = new Int32Array(12);
    blockResample(out, 7, 4, createRandom(3));
    for (let k = 0; k < 12; k += 1) if (k % 4 > 0) expect(out[k]).toBe(((out[k - 1] ?? 0) + 1) % 7);
  });
});
