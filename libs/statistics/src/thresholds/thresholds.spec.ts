import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawBinomial, drawHypergeometric, drawMultinomial } from '../discrete-draws.ts';
import { binomialMass, chiSquareSf, hypergeometricMass } from '../distributions.ts';
import { energyDistance, wasserstein, wassersteinNormalised } from '../distances/index.ts';
import { createRandom } from '../random.ts';
import { permutationTest } from '../two-sample/permutation.ts';
import { BINNED_KS_MEASURE, CRAMERS_V_MEASURE, TOTAL_VARIATION_MEASURE, VALUE_PRESETS, binnedDrift, binnedWassersteinMeasure, chunkThreshold, dealtNull, jensenShannonMeasure, klMeasure, multinomialNull, nullPValue, nullThreshold, permutationNull, presetAlarms, psiMeasure, valueDrift } from './index.ts';
import type { NullLaw } from './index.ts';

const simulation = (seed: number, rounds = 199): { random: ReturnType<typeof createRandom>; rounds: number } => ({ random: createRandom(seed), rounds });

/** Pearson's p-value of draws against their mass function, cells below five expected joined. */
function fit(draws: Iterable<number>, total: number, mass: (k: number) => number, high: number): number {
  const counts = new Float64Array(high + 1);
  for (const k of draws) counts[k] = (counts[k] as number) + 1;
  let statistic = 0;
  let cells = 0;
  let seen = 0;
  let expected = 0;
  for (let k = 0; k <= high; k += 1) {
    seen += counts[k] as number;
    expected += total * mass(k);
    if (expected < 5) continue;
    statistic += (seen - expected) ** 2 / expected;
    cells += 1;
    seen = 0;
    expected = 0;
  }
  return chiSquareSf(statistic, cells - 1);
}

describe('draws', () => {
  const N = 20_000;
  it.each([[10, 0.3], [1000, 0.002], [100_000, 0.0005], [500, 0.97], [40, 0.5]])('binomial(%d, %d) has its mass function', (n, p) => {
    const random = createRandom(31);
    expect(fit(Array.from({ length: N }, () => drawBinomial(random, n, p)), N, (k) => binomialMass(k, n, p), n)).toBeGreaterThan(1e-4);
  });
  it.each([[5, 5, 5], [30, 3000, 500], [2000, 2000, 300], [3, 100_000, 50_000], [90, 10, 60]])('hypergeometric(%d, %d, %d) has its mass function', (marked, plain, draws) => {
    const random = createRandom(32);
    expect(fit(Array.from({ length: N }, () => drawHypergeometric(random, marked, plain, draws)), N, (k) => hypergeometricMass(k, marked, plain, draws), Math.min(marked, draws))).toBeGreaterThan(1e-4);
  });
  it('multinomial keeps its size and certain cells', () => {
    const out: number[] = [];
    drawMultinomial(createRandom(1), [0, 0.5, 0, 0.5, 0], 999, out);
    expect(out.reduce((a, b) => a + b, 0)).toBe(999);
    expect([out[0], out[2], out[4]]).toEqual([0, 0, 0]);
    drawMultinomial(createRandom(1), [1, 0], 7, out);
    expect(out.slice(0, 2)).toEqual([7, 0]);
  });
});

describe('a null law', () => {
  it('alarms by its threshold exactly when it alarms by its p-value', () => {
    const replicates = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(fc.property(replicates, fc.integer({ min: -1, max: 21 }), fc.constantFrom(0.01, 0.05, 0.1, 0.25, 0.5), (list, value, alpha) => {
      const law: NullLaw = { how: 'simulated', replicates: list };
      expect(value > nullThreshold(law, alpha)).toBe(nullPValue(law, value) <= alpha + 1e-12);
    }), { seed: 8, numRuns: 2000 });
  });
  it('never gives a p-value below 1 / (rounds + 1), nor an alarm that so few rounds cannot support', () => {
    const law: NullLaw = { how: 'simulated', replicates: [1, 2, 3] };
    expect(nullPValue(law, 99)).toBe(0.25);
    expect(nullPValue(law, 2)).toBe(0.75);
    expect(nullThreshold(law, 0.05)).toBe(Number.POSITIVE_INFINITY);
    expect(nullThreshold(law, 0.25)).toBe(3);
  });
  it('is JSON and comes back as it was', () => {
    for (const law of [psiMeasure().limit?.law({ n: 10, m: 20, bins: 3 }), dealtNull([psiMeasure('none')], [3, 0, 5], [0, 4, 2], simulation(1))[0]]) expect(JSON.parse(JSON.stringify(law))).toEqual(law);
  });
  it('is the same for the same seed and another for another', () => {
    const law = (seed: number): NullLaw | undefined => multinomialNull([BINNED_KS_MEASURE], [0.2, 0.3, 0.5], { n: 200, m: 100 }, simulation(seed))[0];
    expect(law(1)).toEqual(law(1));
    expect(law(1)).not.toEqual(law(2));
  });
  it('keeps the reference the larger or the smaller sample as it was', () => {
    for (const [a, b, splits] of [[[2, 2], [1, 0], [[[2, 2], [1, 0]], [[3, 1], [0, 1]]]], [[1, 0], [2, 2], [[[1, 0], [2, 2]], [[0, 1], [3, 1]]]]] as const) {
      const measure = klMeasure();
      const possible = splits.map(([x, y]) => measure.of(x, y).value ?? -1);
      const [law] = dealtNull([measure], a, b, simulation(5, 50));
      expect(new Set(law?.how === 'simulated' ? law.replicates : [])).toEqual(new Set(possible));
    }
  });
  it('agrees between dealing and drawing where the sample is large', () => {
    const shares = [0.1, 0.2, 0.3, 0.4];
    const edges = [0, 1, 2, 4, 8];
    const measures = [TOTAL_VARIATION_MEASURE, BINNED_KS_MEASURE, binnedWassersteinMeasure(edges)];
    const drawn = multinomialNull(measures, shares, { n: 5000, m: 2000 }, simulation(3, 1999));
    const dealt = dealtNull(measures, shares.map((share) => share * 5000), shares.map((share) => share * 2000), simulation(4, 1999));
    measures.forEach((_, at) => expect(nullThreshold(drawn[at] as NullLaw, 0.05) / nullThreshold(dealt[at] as NullLaw, 0.05)).toBeCloseTo(1, 1));
  });
});

describe('permutation of values', () => {
  const random = createRandom(14);
  const x = Float64Array.from({ length: 40 }, () => random.normal());
  const y = Float64Array.from({ length: 25 }, () => random.normal() * 1.4);
  it.each([['wasserstein-1', wasserstein], ['wasserstein-1-normalised', wassersteinNormalised], ['energy', energyDistance]] as const)('%s has the law of the general permutation test', (name, of) => {
    const result = valueDrift(name, x, y, { alpha: 0.05, simulation: simulation(15, 9999) });
    const general = permutationTest(x, y, { random: createRandom(16), rounds: 4000, alternative: 'greater', statistic: (a, b) => of(a, b).value ?? 0 });
    expect(result.value).toBe(of(x, y).value);
    expect(Math.abs((result.pValue ?? 2) - (general.pValue ?? -2))).toBeLessThan(0.03);
  });
  it('sees every split of two and two values equally often', () => {
    const { energy } = permutationNull([0, 3], [1, 7], simulation(17, 6000));
    const replicates = energy.how === 'simulated' ? energy.replicates : [];
    const apart = energyDistance([0, 1], [3, 7]).value ?? 0;
    const crossed = energyDistance([0, 3], [1, 7]).value ?? 0;
    expect(energyDistance([0, 7], [1, 3]).value).toBeCloseTo(crossed, 12);
    const share = (value: number): number => replicates.filter((one) => Math.abs(one - value) < 1e-9).length / 6000;
    expect(Math.abs(share(apart) - 1 / 3)).toBeLessThan(0.025);
    expect(Math.abs(share(crossed) - 2 / 3)).toBeLessThan(0.025);
  });
  it('gives each replicate the distance of a split of the pooled values', () => {
    const pool = [0, 1, 10, 2, 3, 50];
    const splits = Array.from({ length: 64 }, (_, bits) => [pool.filter((_one, at) => (bits >> at) & 1), pool.filter((_one, at) => !((bits >> at) & 1))] as const).filter(([x]) => x.length === 3);
    const laws = permutationNull(pool.slice(0, 3), pool.slice(3), simulation(18, 400));
    for (const [name, of] of [['wasserstein-1', wasserstein], ['wasserstein-1-normalised', wassersteinNormalised], ['energy', energyDistance]] as const) {
      const possible = splits.map(([x, y]) => of(x, y).value ?? -1);
      const law = laws[name];
      for (const one of law.how === 'simulated' ? law.replicates : [-1]) expect(possible.some((value) => Math.abs(value - one) < 1e-9), `${name} ${one}`).toBe(true);
    }
  });
  it('never alarms on constant or empty samples', () => {
    expect(valueDrift('energy', [2, 2, 2], [2, 2], { alpha: 0.05, simulation: simulation(1) })).toMatchObject({ value: 0, pValue: 1, drift: false });
    expect(valueDrift('wasserstein-1', [], [2, 2], { alpha: 0.05, simulation: simulation(1) })).toMatchObject({ value: null, drift: null, reason: 'EMPTY_SAMPLE' });
    expect(() => valueDrift('energy', [Number.NaN], [2], { alpha: 0.05, simulation: simulation(1) })).toThrowError(/not finite/);
  });
});

describe('a drift rule', () => {
  const options = { alpha: 0.05, ordered: false, simulation: simulation(21) };
  it('takes the limit where bins are filled, merges for PSI, and deals the bins again where the limit does not hold', () => {
    const rare = [[900, 80, 4, 2], [880, 90, 2, 4]] as const;
    expect(binnedDrift(psiMeasure(), ...rare, options)).toMatchObject({ bins: 3, law: { how: 'chi-square', dof: 2 } });
    expect(binnedDrift(jensenShannonMeasure(), ...rare, options)).toMatchObject({ bins: 4, law: { how: 'simulated' } });
    expect(binnedDrift(jensenShannonMeasure(), [900, 80], [880, 90], options)).toMatchObject({ bins: 2, law: { how: 'chi-square', dof: 1 } });
    expect(binnedDrift(psiMeasure(), [900, 80], [880, 90], { ...options, how: 'dealt' }).law).toMatchObject({ how: 'simulated' });
    expect(binnedDrift(psiMeasure('evidently'), [900, 80], [880, 90], options).law).toMatchObject({ how: 'simulated' });
  });
  it('deals PSI\'s merged bins again where they hold few rows on average, unless too few rounds could alarm', () => {
    const few = [[12, 9, 1, 10, 8, 10], [11, 10, 2, 9, 10, 8]] as const;
    expect(binnedDrift(psiMeasure(), ...few, options)).toMatchObject({ bins: 5, law: { how: 'simulated' } });
    expect(binnedDrift(psiMeasure(), ...few, { ...options, alpha: 0.001 })).toMatchObject({ bins: 5, law: { how: 'chi-square', dof: 4 } });
    expect(binnedDrift(psiMeasure(), [20, 16, 4], [30, 28, 12], options)).toMatchObject({ bins: 3, law: { how: 'simulated' } });
    expect(binnedDrift(psiMeasure(), [24, 16, 6], [60, 45, 12], options)).toMatchObject({ bins: 3, law: { how: 'chi-square' } });
    expect(binnedDrift(CRAMERS_V_MEASURE, ...few, options)).toMatchObject({ law: { how: 'chi-square' } });
  });
  it('alarms on a new category and on a large change, by every measure', () => {
    for (const measure of [psiMeasure(), psiMeasure('evidently'), jensenShannonMeasure(), CRAMERS_V_MEASURE, TOTAL_VARIATION_MEASURE, BINNED_KS_MEASURE]) {
      expect(binnedDrift(measure, [500, 500, 0], [400, 400, 200], options), measure.name).toMatchObject({ drift: true });
      expect(binnedDrift(measure, [500, 500], [250, 250], options), measure.name).toMatchObject({ drift: false });
    }
  });
  it('does not call an infinite distance drift: it says that it has no number', () => {
    expect(binnedDrift(psiMeasure('none'), [5, 5, 0], [4, 4, 2], options)).toMatchObject({ value: null, drift: null, reason: 'ZERO_MASS' });
  });
  it('has no answer for an empty sample and no alarm for one bin', () => {
    expect(binnedDrift(psiMeasure(), [1, 2], [0, 0], options)).toMatchObject({ value: null, reason: 'EMPTY_SAMPLE' });
    expect(binnedDrift(psiMeasure(), [9], [7], options)).toMatchObject({ value: 0, drift: false, pValue: 1 });
  });
  it('refuses unequal, negative or broken counts and an impossible alpha', () => {
    expect(() => binnedDrift(psiMeasure(), [1, 2], [1], options)).toThrowError(/different bins/);
    expect(() => binnedDrift(psiMeasure(), [1, -2], [1, 1], options)).toThrowError(/count/);
    expect(() => binnedDrift(TOTAL_VARIATION_MEASURE, [1.5, 2], [1, 1], options)).toThrowError(/whole/);
    expect(() => binnedDrift(psiMeasure(), [1, 2], [1, 1], { ...options, alpha: 0 })).toThrowError(/alpha/);
    expect(() => multinomialNull([psiMeasure()], [0.5, 0.4], { n: 5, m: 5 }, simulation(1))).toThrowError(/shares/);
    expect(() => dealtNull([psiMeasure()], [1], [1], simulation(1, 0))).toThrowError(/rounds/);
  });
});

describe('presets', () => {
  it('have no threshold without one whole chunk, and no alarm without values', () => {
    const preset = VALUE_PRESETS.find((one) => one.name === 'nannyml/jensen_shannon');
    if (preset === undefined) throw new Error('no such preset');
    expect(chunkThreshold(preset, [1, 2, 3], 5)).toBeNull();
    expect(presetAlarms(preset, [1, 2, 3], [1, 2, 3, 4, 5])).toBeNull();
    for (const one of VALUE_PRESETS) expect(presetAlarms(one, [], [1]), one.name).toBeNull();
  });
});
