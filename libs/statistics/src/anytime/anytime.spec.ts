import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import * as anytime from './index.ts';
import type { Reading } from './index.ts';

/** A method put so that all of them can be asked the same questions. */
interface Stream { readonly start: (against?: number) => unknown; readonly update: (state: never, batch: never) => unknown; readonly read: (state: never) => Reading }

const bounds = { low: 0, high: 1 };
const ALPHA = 0.1;
const STREAMS: Record<string, Stream> = {
  asymptotic: { start: (against = 0.3) => anytime.startAsymptotic({ alpha: ALPHA, tunedFor: 200, leastN: 50, sides: 'both', against }), update: anytime.updateAsymptotic, read: anytime.readAsymptotic },
  'asymptotic, from above': { start: (against = 0.3) => anytime.startAsymptotic({ alpha: ALPHA, tunedFor: 200, leastN: 50, sides: 'upper', against }), update: anytime.updateAsymptotic, read: anytime.readAsymptotic },
  'normal mixture': { start: (against = 0.3) => anytime.startNormalMixture({ alpha: ALPHA, sigma: 0.5, tunedFor: 100, against }), update: anytime.updateNormalMixture, read: anytime.readNormalMixture },
  'empirical Bernstein': { start: (against = 0.3) => anytime.startEmpiricalBernstein({ alpha: ALPHA, bounds, tunedFor: 100, expectedSd: 0.3, against }), update: anytime.updateEmpiricalBernstein, read: anytime.readEmpiricalBernstein },
  betting: { start: (against = 0.3) => anytime.startBetting({ alpha: ALPHA, bounds, grid: 50, against }), update: anytime.updateBetting, read: anytime.readBetting },
  'beta-binomial': {
    start: (against = 0.3) => anytime.startBetaBinomial({ alpha: ALPHA, against, prior: anytime.betaPriorFor(against, 100, ALPHA) }),
    update: ((state: anytime.BetaBinomialState, batch: number[]) => anytime.updateBetaBinomial(state, { hits: batch.filter((value) => value === 1).length, of: batch.length })) as Stream['update'],
    read: anytime.readBetaBinomial,
  },
};
const METHODS = Object.entries(STREAMS);
const feed = (stream: Stream, batches: readonly number[][], restart = false): Reading => {
  let state = stream.start();
  for (const batch of batches) {
    state = stream.update(state as never, batch as never);
    if (restart) state = JSON.parse(JSON.stringify(state));
  }
  return stream.read(state as never);
};
const bernoulli = (random: Random, p: number, n: number): number[] => Array.from({ length: n }, () => (random.next() < p ? 1 : 0));

describe.each(METHODS)('%s', (_, stream) => {
  it('goes on after a restart to the bit', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.constantFrom(0, 1), { maxLength: 40 }), { maxLength: 8 }), (batches) => {
      expect(JSON.stringify(feed(stream, batches, true))).toBe(JSON.stringify(feed(stream, batches)));
    }), { seed: 4, numRuns: 30 });
  });

  it('says that it is empty, not that all is well', () => {
    expect(stream.read(stream.start() as never)).toEqual({ n: 0, interval: { estimate: null, low: null, high: null, reason: 'EMPTY_SAMPLE' }, eValue: null, pValue: null, reason: 'EMPTY_SAMPLE' });
    expect(feed(stream, [[]]).reason).toBe('EMPTY_SAMPLE');
  });

  it('keeps its error rate under a look at every step, and finds a mean that is elsewhere', () => {
    const random = createRandom(31);
    const runs = 150;
    let misses = 0;
    let alarms = 0;
    let found = 0;
    for (let run = 0; run < runs; run += 1) {
      let state = stream.start();
      let other = stream.start(0.6);
      for (const value of bernoulli(random, 0.3, 150)) {
        state = stream.update(state as never, [value] as never);
        other = run < 20 ? stream.update(other as never, [value] as never) : other;
      }
      const { interval, pValue } = stream.read(state as never);
      if (interval.low === null || interval.low > 0.3 || interval.high < 0.3) misses += 1;
      if (pValue === null || pValue <= ALPHA) alarms += 1;
      if (run < 20 && (stream.read(other as never).pValue ?? 1) <= ALPHA) found += 1;
    }
    const limit = ALPHA + 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / runs);
    expect(misses / runs).toBeLessThanOrEqual(limit);
    expect(alarms / runs).toBeLessThanOrEqual(limit);
    expect(found).toBeGreaterThanOrEqual(18);
  });
});

describe('what merges', () => {
  it('is offered for sufficient sums alone: predictable variances, bets and running quantiles depend on the order', () => {
    expect(Object.keys(anytime).filter((name) => name.startsWith('merge')).sort()).toEqual(['mergeAsymptotic', 'mergeBetaBinomial', 'mergeNormalMixture']);
  });

  it('gives one look at the sums of both, whatever the order', () => {
    const random = createRandom(5);
    const [x, y] = [bernoulli(random, 0.4, 120), bernoulli(random, 0.2, 200)];
    const whole = anytime.updateAsymptotic(STREAMS.asymptotic?.start() as anytime.AsymptoticState, [...x, ...y]);
    const part = (values: number[]): anytime.AsymptoticState => anytime.updateAsymptotic(STREAMS.asymptotic?.start() as anytime.AsymptoticState, values);
    for (const merged of [anytime.mergeAsymptotic(part(x), part(y)), anytime.mergeAsymptotic(part(y), part(x))]) {
      expect(anytime.readAsymptotic(merged).interval.low).toBeCloseTo(anytime.readAsymptotic(whole).interval.low ?? Number.NaN, 12);
      expect(anytime.readAsymptotic(merged).eValue).toBeCloseTo(anytime.readAsymptotic(whole).eValue ?? Number.NaN, 9);
    }
    const counts = (hits: number, of: number): anytime.BetaBinomialState => anytime.updateBetaBinomial(STREAMS['beta-binomial']?.start() as anytime.BetaBinomialState, { hits, of });
    expect(anytime.mergeBetaBinomial(counts(3, 10), counts(5, 20))).toEqual(counts(8, 30));
    const sums = (values: number[]): anytime.NormalMixtureState => anytime.updateNormalMixture(STREAMS['normal mixture']?.start() as anytime.NormalMixtureState, values);
    expect(anytime.mergeNormalMixture(sums([1, 0]), sums([1]))).toEqual(sums([1, 0, 1]));
  });

  it('refuses states that were started differently', () => {
    expect(() => anytime.mergeAsymptotic(STREAMS.asymptotic?.start(0) as anytime.AsymptoticState, STREAMS.asymptotic?.start(1) as anytime.AsymptoticState)).toThrowError(/same options/);
    expect(() => anytime.mergeNormalMixture(STREAMS['normal mixture']?.start(0) as anytime.NormalMixtureState, STREAMS['normal mixture']?.start(1) as anytime.NormalMixtureState)).toThrowError(/same options/);
    expect(() => anytime.mergeBetaBinomial(STREAMS['beta-binomial']?.start(0.2) as anytime.BetaBinomialState, STREAMS['beta-binomial']?.start(0.3) as anytime.BetaBinomialState)).toThrowError(/same options/);
  });
});

describe('asymptotic sequence', () => {
  const options = { alpha: 0.05, tunedFor: 1000, leastN: 100, sides: 'both', against: 0 } as const;
  it('answers nothing below the declared n0, and nothing without variance', () => {
    const few = anytime.updateAsymptotic(anytime.startAsymptotic(options), Array.from({ length: 99 }, (_, k) => k + 1));
    expect(anytime.readAsymptotic(few)).toMatchObject({ n: 99, eValue: null, pValue: null, reason: 'BELOW_DECLARED_N', interval: { low: null, reason: 'BELOW_DECLARED_N' } });
    expect(anytime.readAsymptotic(anytime.updateAsymptotic(few, [100])).reason).toBeNull();
    const flat = [0.1, 0.1, 0.1].reduce((state) => anytime.updateAsymptotic(state, new Float64Array(77).fill(0.1)), anytime.startAsymptotic(options));
    expect(anytime.readAsymptotic(flat)).toMatchObject({ n: 231, reason: 'NO_VARIANCE' });
  });

  it('gives GrowthBook\'s interval for its fixture', () => {
    // n = 6461 terms around .50336 whose standard error is .33341: half of them on each side, and one in the middle.
    const deviation = 0.33341 * 6461 / Math.sqrt(6460);
    const values = Float64Array.from({ length: 6461 }, (_, k) => 0.50336 + (k === 0 ? 0 : k % 2 === 0 ? deviation : -deviation));
    const { interval } = anytime.readAsymptotic(anytime.updateAsymptotic(anytime.startAsymptotic(options), values));
    expect(interval.low).toBeCloseTo(-0.55844, 4);
    expect(interval.high).toBeCloseTo(1.56516, 4);
  });

  it('stays finite for one-sided evidence far on the wrong side', () => {
    const state = anytime.updateAsymptotic(anytime.startAsymptotic({ ...options, sides: 'upper' }), Float64Array.from({ length: 500 }, (_, k) => 1000 + (k % 2)));
    const { eValue, pValue } = anytime.readAsymptotic(state);
    expect(eValue).toBeGreaterThan(0);
    expect(eValue).toBeLessThan(1e-3);
    expect(pValue).toBe(1);
  });

  it('says when the looks have no value in common, as after a shift', () => {
    const moved = anytime.updateAsymptotic(anytime.updateAsymptotic(anytime.startAsymptotic(options), [...Array(500).keys()].map((k) => k % 3)), [...Array(5000).keys()].map((k) => 50 + (k % 3)));
    expect(anytime.readAsymptotic(moved).interval).toMatchObject({ low: null, reason: 'NO_COMMON_VALUE' });
  });
});

describe('quantile difference', () => {
  const options = { alpha: ALPHA, quantile: 0.5, edges: [-1, -0.5, 0, 0.5, 1], tunedFor: 100 };
  const run = (random: Random, shift: number, n: number): anytime.QuantileState => {
    let state = anytime.startQuantileDifference(options);
    for (let k = 0; k < n; k += 1) state = anytime.updateQuantileDifference(state, { a: [random.normal()], b: [random.normal() + shift] });
    return state;
  };

  it('keeps its error rate under a look at every step, and finds a shift in its direction', () => {
    const random = createRandom(17);
    const runs = 60;
    let misses = 0;
    for (let k = 0; k < runs; k += 1) {
      const { interval, pValue } = anytime.readQuantileDifference(run(random, 0, 100));
      if (interval.low === null || interval.low > 0 || interval.high < 0 || (pValue ?? 0) <= ALPHA) misses += 1;
    }
    expect(misses / runs).toBeLessThanOrEqual(ALPHA + 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / runs));
    const found = anytime.readQuantileDifference(run(random, 0.75, 300));
    expect(found.pValue).toBeLessThan(ALPHA);
    expect(found.interval.low).toBeGreaterThanOrEqual(0);
  });

  it('goes on after a restart, is empty until both arms have a value, and does not guess beyond its edges', () => {
    const half = run(createRandom(3), 1, 50);
    const more = { a: [0.1, 2], b: [3, -0.5] };
    expect(anytime.updateQuantileDifference(JSON.parse(JSON.stringify(half)) as anytime.QuantileState, more)).toEqual(anytime.updateQuantileDifference(half, more));
    expect(anytime.readQuantileDifference(anytime.updateQuantileDifference(anytime.startQuantileDifference(options), { a: [1], b: [] })).reason).toBe('EMPTY_SAMPLE');
    const beyond = anytime.readQuantileDifference(anytime.updateQuantileDifference(anytime.startQuantileDifference(options), { a: [0, 0, 0], b: [9, 9, 9] }));
    expect(beyond.interval.reason).toBe('OUT_OF_REACH');
    expect(beyond.eValue).not.toBeNull();
  });

  it('refuses quantiles, edges and values that are none', () => {
    expect(() => anytime.startQuantileDifference({ ...options, quantile: 1 })).toThrowError(/quantile/);
    expect(() => anytime.startQuantileDifference({ ...options, edges: [1, 0] })).toThrowError(/edges/);
    expect(() => anytime.updateQuantileDifference(anytime.startQuantileDifference(options), { a: [Number.NaN], b: [] })).toThrowError(/finite/);
  });
});

describe('betting', () => {
  it('stays around the mean when the interval is narrower than a cell', () => {
    const state = anytime.updateBetting(anytime.startBetting({ alpha: 0.05, bounds, grid: 4, against: 0.4 }), Float64Array.from({ length: 20_000 }, (_, k) => 0.4 + 0.1 * ((k % 2) - 0.5)));
    const { interval } = anytime.readBetting(state);
    expect(interval.low).toBe(0.375);
    expect(interval.high).toBe(0.625);
  });
});

describe('bad input', () => {
  it('refuses alpha outside (0, 1) when it starts', () => {
    for (const alpha of [0, 1, -0.1, Number.NaN]) {
      expect(() => anytime.startAsymptotic({ alpha, tunedFor: 9, leastN: 2, sides: 'both', against: 0 })).toThrowError(/alpha/);
      expect(() => anytime.startNormalMixture({ alpha, sigma: 1, tunedFor: 9, against: 0 })).toThrowError(/alpha/);
      expect(() => anytime.startEmpiricalBernstein({ alpha, bounds, tunedFor: 9, expectedSd: 1, against: 0 })).toThrowError(/alpha/);
      expect(() => anytime.startBetting({ alpha, bounds, against: 0 })).toThrowError(/alpha/);
      expect(() => anytime.startBetaBinomial({ alpha, against: 0.5, prior: { a: 1, b: 1 } })).toThrowError(/alpha/);
      expect(() => anytime.startQuantileDifference({ alpha, quantile: 0.5, edges: [0, 1], tunedFor: 9 })).toThrowError(/alpha/);
    }
  });

  it('is refused where it comes in', () => {
    const start = anytime.startEmpiricalBernstein({ alpha: 0.05, bounds, tunedFor: 10, expectedSd: 1, against: 0.5 });
    expect(() => anytime.updateEmpiricalBernstein(start, [0.5, 1.1])).toThrowError(/bounds/);
    expect(() => anytime.updateEmpiricalBernstein(start, [Number.NaN])).toThrowError(/bounds/);
    expect(() => anytime.updateBetting(anytime.startBetting({ alpha: 0.05, bounds, against: 0.5 }), [-0.1])).toThrowError(/bounds/);
    expect(() => anytime.startBetting({ alpha: 0.05, bounds: { low: 1, high: 1 }, against: 1 })).toThrowError(/below/);
    expect(() => anytime.updateAsymptotic(STREAMS.asymptotic?.start() as anytime.AsymptoticState, [Number.POSITIVE_INFINITY])).toThrowError(/finite/);
    expect(() => anytime.updateBetaBinomial(STREAMS['beta-binomial']?.start() as anytime.BetaBinomialState, { hits: 3, of: 2 })).toThrowError(/hits/);
    expect(() => anytime.startAsymptotic({ alpha: 0.6, tunedFor: 10, leastN: 2, sides: 'lower', against: 0 })).toThrowError(/alpha/);
    expect(() => anytime.updateSampleRatio(anytime.startSampleRatio([0.5, 0.5]), [1, -1])).toThrowError(/counts/);
    expect(() => anytime.startSampleRatio([0.5, 0.4])).toThrowError(/shares/);
    expect(anytime.readSampleRatio(anytime.startSampleRatio([0.5, 0.5]))).toEqual({ n: 0, eValue: null, pValue: null, reason: 'EMPTY_SAMPLE' });
  });
});
