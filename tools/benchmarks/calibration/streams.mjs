// Anytime-valid sequences with a look at every value, and change detectors on streams with and without a change.
import * as statistics from '@mettle/statistics';

const { alarmRate } = statistics;
const ALPHA = 0.05;
const LOOKS = 500;

/** A sequence misses when its evidence against the true mean ever reaches 1 / alpha. */
const one = (start, update, read, options) => ({
  start: () => start(options),
  step: (state, value) => update(state, [value]),
  missed: (state) => { const { pValue } = read(state); return pValue !== null && pValue <= ALPHA; },
});

const uniform = (random) => random.next();
const rare = (random) => (random.next() < 0.01 ? 1 : 0);
const unit = { low: 0, high: 1 };

/** Each on the class that it states: sub-Gaussian of known sigma, bounded, Bernoulli, a planned split. */
const SEQUENCES = [
  { method: 'normal-mixture', population: 'normal', draw: (random) => random.normal(), sequence: (s) => one(s.startNormalMixture, s.updateNormalMixture, s.readNormalMixture, { alpha: ALPHA, sigma: 1, tunedFor: 200, against: 0 }) },
  { method: 'empirical-bernstein', population: 'uniform', draw: uniform, sequence: (s) => one(s.startEmpiricalBernstein, s.updateEmpiricalBernstein, s.readEmpiricalBernstein, { alpha: ALPHA, bounds: unit, tunedFor: 200, expectedSd: 0.3, against: 0.5 }) },
  { method: 'empirical-bernstein', population: 'Bernoulli(.01)', draw: rare, sequence: (s) => one(s.startEmpiricalBernstein, s.updateEmpiricalBernstein, s.readEmpiricalBernstein, { alpha: ALPHA, bounds: unit, tunedFor: 200, expectedSd: 0.1, against: 0.01 }) },
  { method: 'hedged-betting', population: 'uniform', draw: uniform, sequence: (s) => one(s.startBetting, s.updateBetting, s.readBetting, { alpha: ALPHA, bounds: unit, grid: 2, against: 0.5 }) },
  { method: 'hedged-betting', population: 'Bernoulli(.01)', draw: rare, sequence: (s) => one(s.startBetting, s.updateBetting, s.readBetting, { alpha: ALPHA, bounds: unit, grid: 2, against: 0.01 }) },
  { method: 'beta-binomial-mixture', population: 'Bernoulli(.01)', draw: rare, sequence: (s) => ({ ...one(s.startBetaBinomial, null, s.readBetaBinomial, { alpha: ALPHA, against: 0.01, prior: s.betaPriorFor(0.01, 200, ALPHA) }), step: (state, value) => s.updateBetaBinomial(state, { hits: value, of: 1 }) }) },
  { method: 'beta-binomial-mixture', population: 'Bernoulli(.5)', draw: (random) => random.below(2), sequence: (s) => ({ ...one(s.startBetaBinomial, null, s.readBetaBinomial, { alpha: ALPHA, against: 0.5, prior: s.betaPriorFor(0.5, 200, ALPHA) }), step: (state, value) => s.updateBetaBinomial(state, { hits: value, of: 1 }) }) },
  { method: 'sample-ratio-mismatch', population: 'split 8 to 2', draw: (random) => (random.next() < 0.2 ? 1 : 0), sequence: (s) => ({ ...one(s.startSampleRatio, null, s.readSampleRatio, [0.8, 0.2]), step: (state, value) => s.updateSampleRatio(state, [1 - value, value]) }) },
  { method: 'quantile-difference', population: 'normal, median of two arms, a look every 25', draw: (random) => [random.normal(), random.normal()], sequence: (s) => ({
    // Evidence is kept at looks, so pairs wait for the next one.
    start: () => ({ state: s.startQuantileDifference({ alpha: ALPHA, quantile: 0.5, edges: Array.from({ length: 17 }, (_, at) => (at - 8) / 4), tunedFor: 200 }), a: [], b: [] }),
    step: ({ state, a, b }, [x, y]) => (a.push(x) + b.push(y) < 50 ? { state, a, b } : { state: s.updateQuantileDifference(state, { a, b }), a: [], b: [] }),
    missed: ({ state }) => s.readQuantileDifference(state).pValue <= ALPHA,
  }) },
];

/** Misses at any of 500 looks, one after every value. */
export const sequenceMisses = (random, say) => SEQUENCES.map(({ method, population, draw, sequence }) => {
  say(`sequences: ${method}, ${population}`);
  const { start, step, missed } = sequence(statistics);
  const runs = 1000;
  let misses = 0;
  for (let run = 0; run < runs; run += 1) {
    let state = start();
    for (let n = 1; n <= LOOKS; n += 1) state = step(state, draw(random));
    if (missed(state)) misses += 1;
  }
  return { method, population, alpha: ALPHA, n0: 1, until: LOOKS, ...alarmRate(misses, runs) };
});

const DETECTORS = [
  { detector: 'adwin', start: 'startAdwin', update: 'updateAdwin', streams: ['errors', 'normal'] },
  { detector: 'ddm', start: 'startDdm', update: 'updateDdm', streams: ['errors'] },
  { detector: 'eddm', start: 'startEddm', update: 'updateEddm', streams: ['errors'] },
  { detector: 'page-hinkley', start: 'startPageHinkley', update: 'updatePageHinkley', streams: ['errors', 'normal'] },
  { detector: 'cusum', start: 'startCusum', update: 'updateCusum', streams: ['errors', 'normal'] },
  { detector: 'kswin', start: 'startKswin', update: 'updateKswin', streams: ['normal'] },
];

/** Before and after: an error rate of 20 % that doubles, a mean that moves by one deviation. `changed` goes from 0 to 1. */
const STREAMS = { errors: (random, changed) => (random.next() < 0.2 + 0.2 * changed ? 1 : 0), normal: (random, changed) => random.normal() + changed };
const CHANGE_AT = 2000;
const AFTER = 3000;
const GRADUAL = 1000;

/** Alarms in 100,000 values without a change, and the delay after a sudden and a gradual one (over 1,000 values), with defaults. */
export const detectorRates = (random, say) => DETECTORS.flatMap(({ detector, start, update, streams }) => streams.map((stream) => {
  say(`detectors: ${detector}, ${stream}`);
  const draw = STREAMS[stream];
  const values = Float64Array.from({ length: 100_000 }, () => draw(random, 0));
  const falseAlarms = statistics[update](statistics[start](), values).changes.length;
  const delays = (ramp) => {
    const found = [];
    const runs = 100;
    for (let run = 0; run < runs; run += 1) {
      const stretch = Float64Array.from({ length: CHANGE_AT + AFTER }, (_, at) => draw(random, Math.min(1, Math.max(0, (at - CHANGE_AT + 1) / ramp))));
      const at = statistics[update](statistics[start](), stretch).changes.find((index) => index >= CHANGE_AT);
      if (at !== undefined) found.push(at - CHANGE_AT);
    }
    found.sort((a, b) => a - b);
    return { median: found[Math.floor(found.length / 2)] ?? null, missed: runs - found.length };
  };
  const sudden = delays(1);
  const gradual = delays(GRADUAL);
  return { detector, stream, falseAlarmsPer100k: falseAlarms, medianDelay: sudden.median, missedOf100: sudden.missed, medianDelayGradual: gradual.median, missedGradualOf100: gradual.missed };
}));
