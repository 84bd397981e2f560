// What is simulated, and how often. The whole run stays below ten minutes of one core.
import { AUTOCORRELATED, FAST_MEASURES, LOGNORMAL, NORMAL, RARE, SHAPES, asymptoticMisses, calibrateBinned, calibrateValues, countPresetRates, dealtMeasures, valuePresetRates } from '@mettle/statistics';

import { detectorRates, sequenceMisses } from './streams.mjs';

const SIZES = [50, 200, 1000, 10_000, 100_000];
const GRID = SIZES.flatMap((n) => SIZES.map((m) => ({ n, m })));

const PRESET_SIZES = [[300, 100], [300, 300], [1000, 100], [1000, 300], [1000, 1000], [2000, 100], [5000, 500], [10_000, 1000], [10_000, 10_000], [100_000, 10_000]].map(([n, m]) => ({ n, m }));

const rounded = (rows) => rows.map((row) => ({ ...row, rate: Number(row.rate.toPrecision(6)), standardError: Number(row.standardError.toPrecision(3)) }));

export const SECTIONS = {
  /** Rules with a limit law: 20,000 pairs a cell, error 0.15 points at 5 %. */
  limits: (random, say) => rounded(SHAPES.flatMap((shape) => {
    say(`limits: ${shape.name}`);
    return GRID.flatMap((sizes) => calibrateBinned(FAST_MEASURES, shape, sizes, 20_000, random));
  })),
  /** Rules that deal the bins again: 3,000 pairs a cell with 99 replicates each, error 0.4 points. */
  dealt: (random, say) => rounded(SHAPES.flatMap((shape) => {
    say(`dealt: ${shape.name}`);
    return GRID.flatMap((sizes) => calibrateBinned(dealtMeasures(shape), shape, sizes, 3000, random));
  })),
  /** Permutation of values: fewer pairs where a pair is large; the rate is exact by exchangeability at any size. */
  values: (random, say) => rounded([NORMAL, LOGNORMAL].flatMap((population) => {
    say(`values: ${population.name}`);
    const pairs = ({ n, m }) => Math.max(100, Math.min(3000, Math.floor(3_000_000 / (n + m))));
    return GRID.filter(({ n, m }) => population === NORMAL || Math.max(n, m) <= 10_000).flatMap((sizes) => calibrateValues(population, sizes, pairs(sizes), random));
  })),
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
  detectors: detectorRates,
};
