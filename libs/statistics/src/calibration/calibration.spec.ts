import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { energyDistance, wasserstein, wassersteinNormalised } from '../distances/index.ts';
import { binnedDrifts, valueDrifts } from '../thresholds/index.ts';
import { dealSorted } from '../thresholds/permutation-null.ts';
import { binnedPValues, valueAlarms } from './drift-rules.ts';
import type { CalibrationRow } from './index.ts';
import { AUTOCORRELATED, FAST_MEASURES, LOGNORMAL, NORMAL, RARE, SHAPES, asymptoticMisses, calibrateBinned, calibrateValues, dealtMeasures, valuePresetRates } from './index.ts';
import type { Shape } from './index.ts';

const [EVEN, SKEWED, TWO] = SHAPES as [Shape, Shape, Shape];

/** Never more than a point above what the rule states, and for continuous laws not a point below; three Monte-Carlo errors of the stated rate are allowed. */
function expectKept(rows: readonly CalibrationRow[], continuous: boolean): void {
  for (const row of rows) {
    const allowed = 0.01 + 3 * Math.sqrt((row.alpha * (1 - row.alpha)) / row.runs);
    expect(row.rate, JSON.stringify(row)).toBeLessThanOrEqual(row.alpha + allowed);
    if (continuous) expect(row.rate, JSON.stringify(row)).toBeGreaterThanOrEqual(row.alpha - allowed);
  }
}

describe('drift rules keep the rate that they state (short, seeded)', () => {
  it.each([[50, 50], [200, 1000], [100_000, 200]])('limit laws at %d / %d', (n, m) => {
    const random = createRandom(51);
    expectKept(calibrateBinned(FAST_MEASURES, EVEN, { n, m }, 4000, random), true);
    for (const shape of [SKEWED, TWO]) expectKept(calibrateBinned(FAST_MEASURES, shape, { n, m }, 2000, random), false);
  });
  it.each([[50, 50], [1000, 100], [1000, 10_000]])('dealt bins at %d / %d', (n, m) => {
    const random = createRandom(52);
    for (const shape of [EVEN, SKEWED, TWO]) expectKept(calibrateBinned(dealtMeasures(shape), shape, { n, m }, 200, random), false);
  });
  it.each([NORMAL, LOGNORMAL])('values of $name by permutation', (population) => {
    expectKept(calibrateValues(population, { n: 200, m: 50 }, 600, createRandom(53)), true);
  });
});

describe('the short way to an alarm', () => {
  it('over bins gives the p-value of the whole rule with the same chance wherever it could alarm', () => {
    const random = createRandom(59);
    let alarms = 0;
    let early = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      const draw = (): number[] => Array.from({ length: 8 }, (_, at) => (seed % 2 === 0 ? 10 + random.below(7) : random.below(4 + 3 * at)));
      const [a, b] = [draw(), draw()];
      const measures = dealtMeasures(EVEN).slice(0, 6);
      const whole = binnedDrifts(measures, a, b, { alpha: 0.05, ordered: true, simulation: { random: createRandom(seed), rounds: 99 } }).map(({ pValue }) => pValue ?? 1);
      const short = binnedPValues(measures, a, b, { ordered: true, random: createRandom(seed) }).map((pValue) => pValue ?? 1);
      if (short.every((pValue, at) => pValue === whole[at])) alarms += short.filter((pValue) => pValue <= 0.05).length;
      else {
        early += 1;
        expect(Math.min(...whole)).toBeGreaterThan(0.05);
        // Five of 24 or more in every rule.
        expect(Math.min(...short)).toBeGreaterThanOrEqual(6 / 25);
      }
    }
    expect(alarms).toBeGreaterThan(10);
    expect(early).toBeGreaterThan(10);
  });
  it('over values gives the answer of the whole rule with the same chance', () => {
    const random = createRandom(57);
    let alarms = 0;
    for (let seed = 0; seed < 150; seed += 1) {
      const x = Float64Array.from({ length: 12 }, () => Math.round(4 * random.normal()));
      const y = Float64Array.from({ length: 9 }, () => Math.round(4 * random.normal()) + (seed % 3));
      const whole = valueDrifts(x, y, { alpha: 0.05, simulation: { random: createRandom(seed), rounds: 19 } });
      const want = [whole['wasserstein-1'].drift, whole['wasserstein-1-normalised'].drift, whole.energy.drift];
      expect(valueAlarms(Float64Array.of(...x, ...y).sort(), x, y, { random: createRandom(seed), rounds: 19 })).toEqual(want);
      alarms += want.filter(Boolean).length;
    }
    expect(alarms).toBeGreaterThan(10);
  });
  it('judges a split of 100,000 values by replicates that are its own distance when the split is its own', () => {
    // Exchangeability needs nothing but this: a replicate is the distance, by the same formula, of an equally likely split.
    const random = createRandom(58);
    const pool = Float64Array.from({ length: 100_000 }, () => random.normal()).sort();
    const taken = new Set(Array.from({ length: 40_000 }, () => random.below(100_000)));
    let at = 0;
    // A "chance" that takes exactly these.
    let left = taken.size;
    const next = (): number => {
      const take = taken.has(at);
      const bar = left / (pool.length - at);
      at += 1;
      if (take) left -= 1;
      return take ? bar / 2 : (1 + bar) / 2;
    };
    const dealt = dealSorted(pool, taken.size, { ...random, next });
    const [x, y] = [pool.filter((_, place) => taken.has(place)), pool.filter((_, place) => !taken.has(place))];
    for (const [name, distance] of [['wasserstein-1', wasserstein], ['wasserstein-1-normalised', wassersteinNormalised], ['energy', energyDistance]] as const)
      expect(Math.abs(dealt[name] / (distance(x, y).value ?? 0) - 1), name).toBeLessThan(1e-9);
  });
});

describe('what does not keep a rate is measured', () => {
  it('Evidently\'s fixed thresholds alarm on most identical pairs of 1,000 and 100 rows', () => {
    const rates = new Map(valuePresetRates(NORMAL, { n: 1000, m: 100 }, 150, createRandom(54)).map((row) => [row.preset, row.rate]));
    expect(rates.get('evidently/psi')).toBeGreaterThan(0.6);
    expect(rates.get('evidently/jensenshannon')).toBeGreaterThan(0.6);
    expect(rates.get('evidently/ks')).toBeLessThan(0.12);
    expect(rates.get('evidently/default')).toBe(rates.get('evidently/ks'));
  });
  it('the asymptotic sequence keeps alpha on normal streams, and neither on rare nor on autocorrelated ones', () => {
    const misses = (population: typeof NORMAL): number => asymptoticMisses(population, { alpha: 0.05, tunedFor: 5000, n0: [100], until: 3000, runs: 600 }, createRandom(55))[0]?.rate ?? Number.NaN;
    expect(misses(NORMAL)).toBeLessThan(0.05);
    expect(misses(RARE)).toBeGreaterThan(0.06);
    expect(misses(AUTOCORRELATED)).toBeGreaterThan(0.1);
  });
  it('a later n0 never misses more', () => {
    const rates = asymptoticMisses(LOGNORMAL, { alpha: 0.05, tunedFor: 5000, n0: [50, 200, 1000], until: 1500, runs: 200 }, createRandom(56)).map((row) => row.rate);
    expect([...rates].sort((a, b) => b - a)).toEqual(rates);
    expect(rates[0]).toBeGreaterThan(rates[2] ?? 1);
  });
});

describe('the committed table', () => {
  const table = JSON.parse(readFileSync(new URL('../../calibration.json', import.meta.url), 'utf8')) as Record<'limits' | 'dealt' | 'values', CalibrationRow[]>;
  it.each(['limits', 'dealt', 'values'] as const)('%s: every cell of the grid from 50 to 100,000 is there and keeps its rate', (section) => {
    const rows = table[section];
    expect(new Set(rows.map((row) => `${row.n}/${row.m}`)).size).toBe(25);
    expect(Math.min(...rows.map((row) => Math.min(row.n, row.m)))).toBe(50);
    expect(Math.max(...rows.map((row) => Math.max(row.n, row.m)))).toBe(100_000);
    expectKept(rows.filter((row) => row.population === EVEN.name || section === 'values'), section !== 'dealt');
    expectKept(rows.filter((row) => row.population !== EVEN.name && section !== 'values'), false);
  });
  it('PSI and Cramér\'s V on filled bins are within a point as measured, without an allowance', () => {
    for (const row of table.limits.filter(({ population, alpha }) => population === EVEN.name && alpha === 0.05)) expect(Math.abs(row.rate - 0.05), JSON.stringify(row)).toBeLessThanOrEqual(0.01);
  });
  it('rules over values are measured to about half a point in every cell', () => {
    for (const row of table.values) expect(row.standardError, JSON.stringify(row)).toBeLessThan(0.0055);
  });
});
