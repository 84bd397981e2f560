import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { cramerVonMisesTest } from './cramer-von-mises.ts';

/** Every split of the pool with `n` values in the first sample. */
function splits(pool: readonly number[], n: number): [number[], number[]][] {
  const all: [number[], number[]][] = [];
  for (let bits = 0; bits < 2 ** pool.length; bits += 1) {
    const x = pool.filter((_, at) => (bits >> at) & 1);
    if (x.length === n) all.push([x, pool.filter((_, at) => !((bits >> at) & 1))]);
  }
  return all;
}

describe('Cramér-von Mises', () => {
  it.each([[4, 3], [3, 5], [5, 5], [6, 4]])('of %d and %d values has the p-value that enumeration gives', (n, m) => {
    const answers = splits(Array.from({ length: n + m }, (_, at) => at), n).map(([x, y]) => cramerVonMisesTest(x, y));
    for (const { statistic, pValue, how } of answers) {
      expect(how).toBe('exact');
      const larger = answers.filter((one) => (one.statistic ?? 0) >= (statistic ?? 0) - 1e-9).length;
      expect(pValue).toBeCloseTo(larger / answers.length, 12);
    }
  });
  it('does not change when ties are turned around, when samples change places, or on a monotone scale', () => {
    const random = createRandom(91);
    const x = Array.from({ length: 30 }, () => random.below(5));
    const y = Array.from({ length: 70 }, () => random.below(6));
    const { statistic, how } = cramerVonMisesTest(x, y);
    expect(how).toBe('asymptotic');
    for (const [a, b] of [[x.map((value) => -value), y.map((value) => -value)], [y, x], [x.map((value) => value ** 3), y.map((value) => value ** 3)]] as const) expect(cramerVonMisesTest(a, b).statistic).toBeCloseTo(statistic ?? Number.NaN, 12);
  });
  it('finds nothing in samples that hold each tied value equally often', () => {
    const { pValue } = cramerVonMisesTest(Array.from({ length: 1000 }, (_, at) => at % 10), Array.from({ length: 200 }, (_, at) => at % 10));
    expect(pValue).toBe(1);
  });
  it('has no answer without values, and refuses NaN', () => {
    expect(cramerVonMisesTest([], [1, 2])).toMatchObject({ pValue: null, reason: 'EMPTY_SAMPLE' });
    expect(cramerVonMisesTest([1], [1, 2])).toMatchObject({ pValue: null, reason: 'TOO_FEW_VALUES' });
    expect(() => cramerVonMisesTest([Number.NaN, 1], [1, 2])).toThrowError(/finite/);
  });
});
