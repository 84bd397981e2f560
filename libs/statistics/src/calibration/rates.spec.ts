import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { ksExactSf } from '../two-sample/ks.ts';
import type { CalibrationRow, FamilyRow, IntervalRow } from './index.ts';
import { AUTOCORRELATED, COSTLY_TESTS, EXPONENTIAL, NORMAL, RANK_TESTS, SHAPES, TABLE_TESTS, TIED, TWO_BY_TWO_TESTS, aucDifferenceExperiment, aucExperiment, bcaExperiments, countTestRates, familyRates, intervalMisses, movingBlockExperiment, newcombeExperiment, performanceMisses, shareExperiments, tExperiment, valueTestRates, welchExperiment } from './index.ts';
import type { Shape } from './index.ts';
import { criticalGap } from './test-rates.ts';

const [EVEN, SKEWED, TWO] = SHAPES as [Shape, Shape, Shape];
/** `points` above the stated rate, and three Monte-Carlo errors. */
const most = ({ alpha, runs }: { alpha: number; runs: number }, points: number): number => alpha + points / 100 + 3 * Math.sqrt((alpha * (1 - alpha)) / runs);
const least = ({ alpha, runs }: { alpha: number; runs: number }, points: number): number => alpha - points / 100 - 3 * Math.sqrt((alpha * (1 - alpha)) / runs);

describe('tests with a p-value (short, seeded)', () => {
  it('keep their level on continuous values', () => {
    for (const row of valueTestRates([...RANK_TESTS, ...COSTLY_TESTS], NORMAL, { n: 50, m: 40 }, 800, createRandom(61))) {
      expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 0.5));
      expect(row.rate, JSON.stringify(row)).toBeGreaterThanOrEqual(least(row, 1.5));
    }
  });
  it.each([{ n: 40, m: 60, runs: 600 }, { n: 300, m: 60, runs: 300 }])('do not exceed it on ties, at unlike sizes either ($n / $m)', ({ runs, ...sizes }) => {
    const tests = [...RANK_TESTS, ...COSTLY_TESTS.filter(({ name }) => name !== 'permutationTest' || sizes.n < 100)];
    // Anderson-Darling has SciPy's variance, which ties do not enter.
    for (const row of valueTestRates(tests, TIED, sizes, runs, createRandom(62))) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, row.rule === 'andersonDarlingTest' ? 3 : 0.5));
  });
  it('do not exceed it on filled tables, nor dealt ones on rare categories', () => {
    for (const row of countTestRates([...TABLE_TESTS, ...TWO_BY_TWO_TESTS], TWO, { n: 200, m: 100 }, 1500, createRandom(63))) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 1));
    for (const row of countTestRates(TABLE_TESTS, EVEN, { n: 1000, m: 300 }, 1500, createRandom(64))) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 0.5));
    for (const row of countTestRates(TABLE_TESTS.filter(({ name }) => name.includes('dealt')), SKEWED, { n: 60, m: 50 }, 500, createRandom(65))) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 0));
  });
  it('are significant from the critical gap on and not below it', () => {
    for (const [n, m] of [[9, 9], [12, 8], [50, 7], [30, 20]] as const) {
      const gap = criticalGap(n, m, 0.05);
      expect(ksExactSf(gap / (n * m), n, m)).toBeLessThanOrEqual(0.05);
      expect(ksExactSf((gap - 1) / (n * m), n, m)).toBeGreaterThan(0.05);
    }
    expect(criticalGap(2, 2, 0.01)).toBe(5);
  });
});

describe('corrections (short, seeded)', () => {
  const rows = familyRates(4000, createRandom(66));
  const rate = (method: string, family: string, controls: FamilyRow['controls']): number => rows.find((row) => row.method === method && row.family.startsWith(family) && row.controls === controls && row.alpha === 0.05)?.rate ?? Number.NaN;
  it('Bonferroni and Holm keep the family-wise rate, Benjamini-Hochberg the share of false discoveries', () => {
    for (const row of rows) if (row.controls === 'discovery' || row.method !== 'benjaminiHochberg') expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 0));
    expect(rate('bonferroni', '20 true nulls', 'family-wise')).toBeGreaterThan(0.035);
  });
  it('Holm spends what true shifts leave, and Benjamini-Hochberg half of alpha when half are true', () => {
    const mixed = '10 true nulls';
    expect(rate('holm', mixed, 'family-wise')).toBeGreaterThan(rate('bonferroni', mixed, 'family-wise'));
    expect(Math.abs(rate('benjaminiHochberg', mixed, 'discovery') - 0.025)).toBeLessThan(0.006);
    expect(rate('benjaminiHochberg', mixed, 'family-wise')).toBeGreaterThan(0.1);
  });
});

describe('intervals (short, seeded)', () => {
  const misses = (experiment: Parameters<typeof intervalMisses>[0], runs: number, seed: number): IntervalRow[] => intervalMisses(experiment, runs, createRandom(seed));
  it('miss as often as they say where they claim to', () => {
    const rows = [
      ...misses(newcombeExperiment(0.1, 0.2, 200, 300), 2000, 71), ...misses(tExperiment(NORMAL, 10), 2000, 72), ...misses(welchExperiment(NORMAL, 3, 15, 40), 2000, 73),
      ...misses(aucExperiment(1, 60, 90), 500, 74), ...misses(aucDifferenceExperiment(1.5, 1, 60, 90), 500, 75), ...bcaExperiments(EXPONENTIAL, 1, 60).slice(0, 1).flatMap((one) => misses(one, 150, 76)), ...misses(movingBlockExperiment(NORMAL, 5, 150), 150, 77),
    ];
    for (const row of rows) {
      expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 2));
      expect(row.rate, JSON.stringify(row)).toBeGreaterThanOrEqual(least(row, 1));
    }
  });
  it('Clopper-Pearson never misses more than it says, Wilson about so', () => {
    for (const p of [0.01, 0.1, 0.5]) for (const row of shareExperiments(p, 80).flatMap((one) => misses(one, 4000, 78))) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, row.method === 'wilsonInterval' ? 3 : 0));
  });
  it('a bootstrap of single values misses far more on an autocorrelated series than one of blocks', () => {
    const rate = (block: number): number => misses(movingBlockExperiment(AUTOCORRELATED, block, 120), 80, 79)[0]?.rate ?? Number.NaN;
    expect(rate(1)).toBeGreaterThan(0.15);
    expect(rate(10)).toBeLessThan(rate(1) - 0.05);
  });
  it('of metrics without labels hold the realised value', () => {
    for (const row of performanceMisses(100, 100, createRandom(80))) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 2));
  });
});

describe('the committed table', () => {
  const table = JSON.parse(readFileSync(new URL('../../calibration.json', import.meta.url), 'utf8')) as { tests: CalibrationRow[]; families: FamilyRow[]; intervals: IntervalRow[]; generators: { detector: string; sameAlarms: boolean | null }[] };
  it('exact, dealt and permutation tests never exceed their level', () => {
    const rows = table.tests.filter(({ rule }) => /exact|dealt|permutation|fisher/.test(rule));
    expect(new Set(rows.map(({ rule }) => rule)).size).toBe(5);
    for (const row of rows) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 0.2));
  });
  it('limit laws over values are within a point from 50 values on, Anderson-Darling with ties within three', () => {
    const rows = table.tests.filter(({ rule, n, m }) => RANK_TESTS.some(({ name }) => name === rule) && Math.min(n, m) >= 50);
    expect(rows.length).toBeGreaterThan(100);
    for (const row of rows) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, row.rule === 'andersonDarlingTest' && row.population === TIED.name ? 3 : 0.6));
  });
  it('Clopper-Pearson keeps its level, and every interval of the library is there', () => {
    for (const row of table.intervals.filter(({ method }) => method === 'clopperPearsonInterval')) expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(most(row, 0));
    expect([...new Set(table.intervals.map(({ method }) => method))].sort()).toEqual(['aucDifference', 'aucInterval', 'bcaInterval', 'clopperPearsonInterval', 'movingBlockInterval', 'newcombeInterval', 'tInterval', 'welchInterval', 'wilsonInterval']);
  });
  it('detectors that River has alarm where River does, except for the one that draws', () => {
    for (const { detector, sameAlarms } of table.generators) expect(sameAlarms, detector).toBe(detector === 'cusum' ? null : detector !== 'kswin');
  });
});
