// What is simulated, and how often. The whole run takes about twelve minutes of one core.
import {
  AUTOCORRELATED, COSTLY_TESTS, EXPONENTIAL, FAST_MEASURES, LOGNORMAL, NORMAL, RANK_TESTS, RARE, SHAPES, TABLE_TESTS, TIED, TWO_BY_TWO_TESTS, asymptoticMisses, aucDifferenceExperiment, aucExperiment, bcaExperiments, calibrateBinned, calibrateValues,
  countPresetRates, countTestRates, dealtMeasures, familyRates, intervalMisses, movingBlockExperiment, newcombeExperiment, performanceMisses, shareExperiments, tExperiment, valuePresetRates, valueTestRates, welchExperiment,
} from '@mettle/statistics';
import { generatorRates } from './detectors.mjs';
import { policyLooks } from './policy.mjs';
import { detectorRates, sequenceMisses } from './streams.mjs';

const SIZES = [50, 200, 1000, 10_000, 100_000];
const GRID = SIZES.flatMap((n) => SIZES.map((m) => ({ n, m })));

const PRESET_SIZES = [[300, 100], [300, 300], [1000, 100], [1000, 300], [1000, 1000], [2000, 100], [5000, 500], [10_000, 1000], [10_000, 10_000], [100_000, 10_000]].map(([n, m]) => ({ n, m }));

/** Tests over values, from where exact laws apply. */
const TEST_SIZES = [[8, 8], [8, 50], [50, 50], [50, 200], [200, 50], [200, 200], [50, 1000], [1000, 200], [1000, 1000], [50, 10_000], [10_000, 10_000]].map(([n, m]) => ({ n, m }));
/** Beyond 10,000 values Kolmogorov-Smirnov is asymptotic; the other laws are so before. */
const LARGEST = { n: 100_000, m: 100_000 };
const TABLE_SIZES = [50, 200, 1000, 10_000].flatMap((n) => [50, 200, 1000, 10_000].map((m) => ({ n, m })));

const experiments = () => [
  ...[0.01, 0.1, 0.5].flatMap((p) => [50, 200, 1000, 10_000].flatMap((n) => shareExperiments(p, n))),
  ...[[0.1, 0.1], [0.5, 0.5], [0.01, 0.05]].flatMap(([p, q]) => [[50, 50], [50, 1000], [200, 200], [1000, 1000]].map(([n, m]) => newcombeExperiment(p, q, n, m))),
  ...[10, 50, 200, 1000].flatMap((n) => [NORMAL, EXPONENTIAL, LOGNORMAL].map((population) => tExperiment(population, n))),
  ...[[10, 50], [50, 50], [50, 1000], [1000, 200]].flatMap(([n, m]) => [NORMAL, EXPONENTIAL].map((population) => welchExperiment(population, 3, n, m))),
];
const ranked = () => [[20, 200], [50, 50], [50, 500], [300, 300]].flatMap(([n, m]) => [aucExperiment(1, n, m), aucExperiment(2.5, n, m), aucDifferenceExperiment(1, 1, n, m), aucDifferenceExperiment(1.5, 1, n, m)]);
/** 999 resamples each. */
const resampled = () => [
  ...[[20, 4000], [50, 4000], [200, 1500]].flatMap(([n, runs]) => [...bcaExperiments(NORMAL, 1, n), ...bcaExperiments(EXPONENTIAL, 1, n)].map((experiment) => ({ experiment, runs }))),
  ...[[NORMAL, 10], [AUTOCORRELATED, 1], [AUTOCORRELATED, 10], [AUTOCORRELATED, 25]].flatMap(([population, block]) => [[100, 3000], [400, 1500]].map(([n, runs]) => ({ experiment: movingBlockExperiment(population, block, n), runs }))),
];

const rounded = (rows) => rows.map((row) => ({ ...row, rate: Number(row.rate.toPrecision(6)), standardError: Number(row.standardError.toPrecision(3)) }));

export const SECTIONS = {
  /** Rules with a limit law: 20,000 pairs a cell, error 0.15 points at 5 %; 10,000 where PSI deals its bins again, 0.22 points. */
  limits: (random, say) => rounded(SHAPES.flatMap((shape) => {
    say(`limits: ${shape.name}`);
    return GRID.flatMap((sizes) => calibrateBinned(FAST_MEASURES, shape, sizes, Math.min(sizes.n, sizes.m) <= 200 ? 10_000 : 20_000, random));
  })),
  /** Rules that deal the bins again: 3,000 pairs a cell with 99 replicates each, error 0.4 points. */
  dealt: (random, say) => rounded(SHAPES.flatMap((shape) => {
    say(`dealt: ${shape.name}`);
    return GRID.flatMap((sizes) => calibrateBinned(dealtMeasures(shape), shape, sizes, 3000, random));
  })),
  /** Permutation of values: 10,000 pairs a cell, 2,000 where a pair is large; errors 0.22 and 0.49 points. */
  values: (random, say) => rounded([NORMAL, LOGNORMAL].flatMap((population) => {
    say(`values: ${population.name}`);
    const pairs = ({ n, m }) => (n + m <= 2000 ? 10_000 : 2000);
    return GRID.filter(({ n, m }) => population === NORMAL || Math.max(n, m) <= 10_000).flatMap((sizes) => calibrateValues(population, sizes, pairs(sizes), random));
  })),
  /** Tests with a p-value: 8,000 pairs, 2,000 where a pair is large, 1,000 of the largest, 4,000 of tables; errors 0.24, 0.49, 0.69 and 0.34 points at 5 %. */
  tests: (random, say) => rounded([
    ...[NORMAL, TIED].flatMap((population) => TEST_SIZES.filter(({ n, m }) => population === NORMAL || n + m <= 2000).flatMap((sizes) => {
      const all = sizes.n + sizes.m;
      say(`tests: ${population.name}, ${sizes.n} / ${sizes.m}`);
      return valueTestRates([...RANK_TESTS, ...COSTLY_TESTS.filter(({ name }) => all <= 250 || name !== 'permutationTest')], population, sizes, all > 2000 ? 2000 : all > 1000 ? 4000 : 8000, random);
    })),
    ...valueTestRates(RANK_TESTS.slice(0, 1), NORMAL, LARGEST, 1000, random),
    ...SHAPES.flatMap((shape) => TABLE_SIZES.flatMap((sizes) => countTestRates([...TABLE_TESTS, ...(shape.shares.length === 2 ? TWO_BY_TWO_TESTS : [])], shape, sizes, 4000, random))),
  ]),
  families: (random) => rounded(familyRates(40_000, random)),
  /** Intervals: 10,000 experiments each, 4,000 of AUC, 1,500 to 4,000 where each resamples 999 times; errors 0.22 to 0.56 points. */
  intervals: (random, say) => rounded([...experiments().map((experiment) => ({ experiment, runs: 10_000 })), ...ranked().map((experiment) => ({ experiment, runs: 4000 })), ...resampled()].flatMap(({ experiment, runs }) => {
    say(`intervals: ${experiment.method}, ${experiment.population}, ${experiment.n}`);
    return intervalMisses(experiment, runs, random);
  })),
  /** Metrics estimated without labels: 2,000 experiments, error 0.49 points. */
  performance: (random) => rounded([100, 500].flatMap((n) => performanceMisses(n, 2000, random))),
  /** Other tools' fixed thresholds on identical data. */
  presets: (random, say) => rounded(PRESET_SIZES.flatMap((sizes) => {
    say(`presets: ${sizes.n} / ${sizes.m}`);
    return [...valuePresetRates(NORMAL, sizes, sizes.n > 10_000 ? 100 : sizes.n > 1000 ? 400 : 1000, random), ...SHAPES.slice(1).flatMap((shape) => countPresetRates(shape, sizes, 5000, random))];
  })),
  /** The asymptotic confidence sequence, a look at every value up to 20,000. */
  asymptotic: (random, say) => rounded([NORMAL, RARE, LOGNORMAL, AUTOCORRELATED].flatMap((population) => {
    say(`asymptotic: ${population.name}`);
    return asymptoticMisses(population, { alpha: 0.05, tunedFor: 5000, n0: [50, 100, 300, 1000, 3000, 10_000], until: 20_000, runs: 4000 }, random);
  })),
  /** Sequences that are valid at every n: at most alpha, whatever the number of looks. 1,000 streams, error 0.7 points at most. */
  sequences: (random, say) => rounded(sequenceMisses(random, say)),
  generators: generatorRates,
  detectors: detectorRates,
  policy: policyLooks,
};
