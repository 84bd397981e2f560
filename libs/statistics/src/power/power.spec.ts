import { describe, expect, it } from 'vitest';
import { updateQuantileDifference, readQuantileDifference, startQuantileDifference } from '../anytime/quantile-difference.ts';
import { sampleRatioRun } from '../anytime/sample-ratio-sequence.ts';
import { oneSidedHalfWidth } from '../confidence-sequence.ts';
import { longRunVariance } from '../long-run-variance.ts';
import { createRandom } from '../random.ts';
import * as p from './index.ts';

const PLAN = { variance: 1, alpha: 0.05, tunedFor: 112, minSlots: 56, lookEvery: 56, most: 448 };

describe('power of a sequence', () => {
  it('is the share of simulated comparisons that pass, autocorrelated slots with their estimated long-run variance included', () => {
    const runs = 400;
    const rho = 0.3;
    // Long-run variance of an AR(1) of unit innovations is 1 / (1 - rho)².
    const plan = { ...PLAN, variance: 1 / (1 - rho) ** 2 };
    const random = createRandom(12);
    const distance = 0.25;
    let passed = 0;
    for (let run = 0; run < runs; run += 1) {
      const values = new Float64Array(plan.most);
      let state = random.normal() / Math.sqrt(1 - rho * rho);
      let sum = 0;
      for (let t = 0; t < plan.most; t += 1) {
        state = rho * state + random.normal();
        values[t] = state;
        sum += state;
        const n = t + 1;
        if (n % plan.lookEvery !== 0) continue;
        if (sum / n + oneSidedHalfWidth({ n, variance: longRunVariance(values, 8, 0, n).variance, alpha: plan.alpha, tunedFor: plan.tunedFor }) < distance) {
          passed += 1;
          break;
        }
      }
    }
    const power = p.sequencePower(distance, plan);
    expect(power).toBeGreaterThan(0.3);
    expect(power).toBeLessThan(0.95);
    // Three Monte-Carlo errors, and what estimating the variance costs (it is estimated a little low).
    expect(Math.abs(passed / runs - power)).toBeLessThan(3 * Math.sqrt((power * (1 - power)) / runs) + 0.05);
  });

  it('is at most alpha on the limit, and its size and detectable distance undo it', () => {
    expect(p.sequencePower(0, PLAN)).toBeLessThan(PLAN.alpha);
    const detectable = p.sequenceDetectable(0.8, PLAN).value ?? Number.NaN;
    expect(p.sequencePower(detectable, PLAN)).toBeCloseTo(0.8, 9);
    expect(p.sequenceSize(detectable * 1.0001, 0.8, PLAN)).toEqual({ value: 448, reason: null });
    const size = p.sequenceSize(0.5, 0.9, PLAN).value ?? Number.NaN;
    expect(p.sequencePower(0.5, { ...PLAN, most: size })).toBeGreaterThanOrEqual(0.9);
    expect(p.sequencePower(0.5, { ...PLAN, most: size - 56 })).toBeLessThan(0.9);
    expect(p.sequenceSize(0.01, 0.8, PLAN)).toEqual({ value: null, reason: 'OUT_OF_REACH' });
  });

  it('scales: a distance and a deviation ten times as large are the same plan', () => {
    expect(p.sequencePower(3, { ...PLAN, variance: 100 })).toBeCloseTo(p.sequencePower(0.3, PLAN), 12);
  });

  it('says that no look falls into the horizon, and keeps its accuracy over very many', () => {
    expect(p.sequencePower(1, { ...PLAN, most: 55 })).toBe(0);
    expect(p.sequenceDetectable(0.8, { ...PLAN, minSlots: 500 })).toEqual({ value: null, reason: 'OUT_OF_REACH' });
    const every = { ...PLAN, most: 224, lookEvery: 1 };
    expect(p.sequencePower(0, every)).toBeLessThan(PLAN.alpha);
    expect(p.sequencePower(0, every)).toBeGreaterThan(p.sequencePower(0, { ...PLAN, most: 224 }));
  });
});

describe('power of the other rules', () => {
  it('two proportions: size is the first n that has the power', () => {
    const plan = { reference: 0.1, alpha: 0.05, alternative: 'greater' as const };
    const n = p.twoProportionsSize(0.02, 0.8, plan).value ?? 0;
    expect(p.twoProportionsPower(0.02, n, plan)).toBeGreaterThanOrEqual(0.8);
    expect(p.twoProportionsPower(0.02, n - 1, plan)).toBeLessThan(0.8);
    expect(p.twoProportionsSize(0, 0.8, plan).reason).toBe('OUT_OF_REACH');
    expect(p.twoProportionsSize(-0.02, 0.8, plan).reason).toBe('OUT_OF_REACH');
    expect(p.twoProportionsDetectable(5, 0.8, { ...plan, reference: 0.9 }).reason).toBe('OUT_OF_REACH');
    expect(p.twoProportionsPower(0, 100, { reference: 0, alpha: 0.05 })).toBe(0);
    expect(p.twoProportionsPower(1, 100, { reference: 0, alpha: 0.05 })).toBe(1);
  });

  it('sample ratio: an imbalance planned for is found by the sequential test that often', () => {
    const plan = { share: 0.5, alpha: 0.001 };
    const n = p.sampleRatioSize(0.56, 0.8, plan).value ?? 0;
    expect(p.sampleRatioPower(0.56, n, plan)).toBeGreaterThanOrEqual(0.8);
    const random = createRandom(21);
    let found = 0;
    for (let run = 0; run < 200; run += 1) {
      let count = 0;
      for (let unit = 0; unit < n; unit += 1) if (random.next() < 0.56) count += 1;
      if (sampleRatioRun([[n - count, count]], [0.5, 0.5]).eValue >= 1000) found += 1;
    }
    expect(Math.abs(found / 200 - p.sampleRatioPower(0.56, n, plan))).toBeLessThan(3 * Math.sqrt((0.8 * 0.2) / 200));
    expect(p.sampleRatioDetectable(3, 0.8, plan)).toEqual({ below: { value: null, reason: 'OUT_OF_REACH' }, above: { value: null, reason: 'OUT_OF_REACH' } });
    expect(p.sampleRatioSize(0.5, 0.8, plan, 100_000).reason).toBe('OUT_OF_REACH');
  });

  it('error counts: size and detectable rate have the power', () => {
    const rates = { champion: 0.01, challenger: 0.02 };
    const all = p.errorCountSize(rates, 0.8, { alpha: 0.05, share: 0.2 }).value ?? 0;
    expect(p.errorCountPower(rates, { champion: Math.round(all * 0.8), challenger: Math.round(all * 0.2) }, { alpha: 0.05 })).toBeGreaterThanOrEqual(0.8);
    const rows = { champion: 8000, challenger: 2000 };
    const rate = p.errorCountDetectable(0.01, 0.8, rows, { alpha: 0.05 }).value ?? 0;
    expect(p.errorCountPower({ champion: 0.01, challenger: rate }, rows, { alpha: 0.05 })).toBeCloseTo(0.8, 6);
    expect(p.errorCountPower({ champion: 0, challenger: 0 }, rows, { alpha: 0.05 })).toBe(0);
    expect(p.errorCountDetectable(0.5, 0.8, { champion: 2, challenger: 2 }, { alpha: 0.05 }).reason).toBe('OUT_OF_REACH');
    expect(p.errorCountSize({ champion: 0.02, challenger: 0.01 }, 0.8, { alpha: 0.05, share: 0.5 }).reason).toBe('OUT_OF_REACH');
  });

  it('quantile: a shift planned for is found by the sequence at least that often', () => {
    const plan = { alpha: 0.1, quantile: 0.5, tunedFor: 300 };
    const shares = { a: 0.6, b: 0.4 };
    const n = p.quantileSize(shares, 0.8, plan).value ?? 0;
    const power = p.quantilePower(shares, { a: n, b: n }, plan);
    expect(power).toBeGreaterThanOrEqual(0.8);
    const random = createRandom(22);
    let found = 0;
    for (let run = 0; run < 100; run += 1) {
      // Uniform arms whose shares at or below the one edge are .6 and .4.
      const draw = (shift: number): Float64Array => Float64Array.from({ length: n }, () => random.next() + shift);
      const { interval } = readQuantileDifference(updateQuantileDifference(startQuantileDifference({ ...plan, edges: [0.5, 2] }), { a: draw(-0.1), b: draw(0.1) }));
      if (interval.low !== null && interval.low >= 0) found += 1;
    }
    expect(Math.abs(found / 100 - power)).toBeLessThan(3 * Math.sqrt((0.8 * 0.2) / 100));
    expect(p.quantileSize({ a: 0.5, b: 0.4 }, 0.8, plan).reason).toBe('OUT_OF_REACH');
  });

  it('refuses plans that are none', () => {
    expect(() => p.sequencePower(1, { ...PLAN, alpha: 0.5 })).toThrowError(/alpha/);
    expect(() => p.sequencePower(1, { ...PLAN, variance: 0 })).toThrowError(/variance/);
    expect(() => p.sequencePower(Number.NaN, PLAN)).toThrowError(/distance/);
    expect(() => p.sequencePower(1, { ...PLAN, most: 1e9 })).toThrowError(/looks/);
    expect(() => p.sequenceSize(0, 0.8, PLAN)).toThrowError(/distance/);
    expect(() => p.sequenceDetectable(1, PLAN)).toThrowError(/power/);
    expect(() => p.twoProportionsPower(0.6, 10, { reference: 0.5, alpha: 0.05 })).toThrowError(/difference/);
    expect(() => p.sampleRatioPower(0.5, 10, { share: 1, alpha: 0.05 })).toThrowError(/share/);
    expect(() => p.errorCountPower({ champion: 0.1, challenger: 1.1 }, { champion: 1, challenger: 1 }, { alpha: 0.05 })).toThrowError(/rates/);
    expect(() => p.quantilePower({ a: 0.6, b: 0.4 }, { a: 0, b: 5 }, { alpha: 0.1, quantile: 0.5, tunedFor: 9 })).toThrowError(/n\.a/);
  });
});
