import { benjaminiHochberg } from '../benjamini-hochberg.ts';
import { drawMultinomial } from '../discrete-draws.ts';
import { bonferroni, holm } from '../multiplicity.ts';
import { normalSf } from '../normal.ts';
import type { TestResult } from '../method.ts';
import type { Random } from '../random.ts';
import { sortedCopy } from '../sorted.ts';
import { alarmRate } from '../thresholds/false-alarm-rate.ts';
import { andersonDarlingTest } from '../two-sample/anderson-darling.ts';
import { chiSquareTest, gTest } from '../two-sample/contingency.ts';
import { cramerVonMisesTest } from '../two-sample/cramer-von-mises.ts';
import { fisherTest } from '../two-sample/fisher.ts';
import { ksExactSf, ksStatistic, ksTest } from '../two-sample/ks.ts';
import { mannWhitneyTest } from '../two-sample/mann-whitney.ts';
import { permutationTest } from '../two-sample/permutation.ts';
import { twoProportionsTest } from '../two-sample/proportions.ts';
import type { CalibrationRow, Sizes } from './drift-rules.ts';
import { ALPHAS } from './drift-rules.ts';
import type { Population, Shape } from './populations.ts';
import { drawValues } from './populations.ts';

/** A test over samples of values. `make` is asked once for a pair of sizes. */
export interface ValueTest {
  readonly name: string;
  make(sizes: Sizes, random: Random): (x: Float64Array, y: Float64Array) => number | null;
}

const of = (name: string, test: (x: Float64Array, y: Float64Array) => TestResult): ValueTest => ({ name, make: () => (x, y) => test(x, y).pValue });

/** With as many replicates both levels are met exactly. */
const ROUNDS = 199;

/**
 * Exact Kolmogorov-Smirnov, whose p-value falls with D and costs n m: the p-value of the least D that is significant at
 * each level is searched for once, and stands for all between it and the next.
 */
const EXACT_KS: ValueTest = {
  name: 'ksTest, exact',
  make: ({ n, m }) => {
    const critical = [...ALPHAS].sort((a, b) => a - b).map((alpha) => ({ alpha, least: criticalGap(n, m, alpha) }));
    return (x, y) => {
      const gap = Math.round(ksStatistic(sortedCopy(x), sortedCopy(y)) * n * m);
      return critical.find(({ least }) => gap >= least)?.alpha ?? 1;
    };
  },
};

/** The least D n m whose exact p-value is at most alpha. */
export function criticalGap(n: number, m: number, alpha: number): number {
  let low = 0;
  let high = n * m + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle <= n * m && ksExactSf(middle / (n * m), n, m) > alpha) low = middle;
    else high = middle;
  }
  return high;
}

/** At any sizes. */
export const RANK_TESTS: readonly ValueTest[] = [
  of('ksTest, asymptotic', (x, y) => ksTest(x, y, { how: 'asymptotic' })),
  of('mannWhitneyTest', (x, y) => mannWhitneyTest(x, y)),
  of('cramerVonMisesTest', (x, y) => cramerVonMisesTest(x, y)),
  of('andersonDarlingTest', (x, y) => andersonDarlingTest([x, y])),
];

/** At sizes that n m or the number of replicates allows. */
export const COSTLY_TESTS: readonly ValueTest[] = [
  EXACT_KS,
  { name: 'permutationTest', make: (_, random) => (x, y) => permutationTest(x, y, { random, rounds: ROUNDS }).pValue },
];

/** A test over counts of categories. */
export interface CountTest {
  readonly name: string;
  readonly of: (reference: readonly number[], current: readonly number[], random: Random) => number | null;
}

const pair = (counts: readonly number[]): [number, number] => [counts[0] ?? 0, counts[1] ?? 0];
const hits = (counts: readonly number[]): { hits: number; of: number } => ({ hits: counts[0] ?? 0, of: counts.reduce((sum, count) => sum + count, 0) });

export const TABLE_TESTS: readonly CountTest[] = [
  { name: 'chiSquareTest', of: (a, b) => chiSquareTest(a, b).pValue },
  { name: 'chiSquareTest, merged below 5', of: (a, b) => chiSquareTest(a, b, { mergeBelow: 5 }).pValue },
  { name: 'chiSquareTest, dealt below 5', of: (a, b, random) => chiSquareTest(a, b, { permutation: { random, rounds: 99 } }).pValue },
  { name: 'gTest', of: (a, b) => gTest(a, b).pValue },
  { name: 'gTest, merged below 5', of: (a, b) => gTest(a, b, { mergeBelow: 5 }).pValue },
  { name: 'gTest, dealt below 5', of: (a, b, random) => gTest(a, b, { permutation: { random, rounds: 99 } }).pValue },
];

export const TWO_BY_TWO_TESTS: readonly CountTest[] = [
  { name: 'fisherTest', of: (a, b) => fisherTest([pair(a), pair(b)]).pValue },
  { name: 'twoProportionsTest', of: (a, b) => twoProportionsTest(hits(a), hits(b)).pValue },
];

/** False alarms of tests over values when both samples come from `population`; a test without an answer does not alarm. */
export function valueTestRates(tests: readonly ValueTest[], population: Population, sizes: Sizes, runs: number, random: Random): CalibrationRow[] {
  const next = population.sampler(random);
  const made = tests.map((test) => test.make(sizes, random));
  return rates(tests, population.name, sizes, runs, () => {
    const x = drawValues(next, sizes.n);
    const y = drawValues(next, sizes.m);
    return made.map((pValue) => pValue(x, y));
  });
}

/** The same over category counts. */
export function countTestRates(tests: readonly CountTest[], shape: Shape, sizes: Sizes, runs: number, random: Random): CalibrationRow[] {
  const a: number[] = [];
  const b: number[] = [];
  return rates(tests, shape.name, sizes, runs, () => {
    drawMultinomial(random, shape.shares, sizes.n, a);
    drawMultinomial(random, shape.shares, sizes.m, b);
    return tests.map((test) => test.of(a, b, random));
  });
}

function rates(tests: readonly { readonly name: string }[], population: string, sizes: Sizes, runs: number, ask: () => readonly (number | null)[]): CalibrationRow[] {
  const alarms = tests.map(() => ALPHAS.map(() => 0));
  for (let run = 0; run < runs; run += 1)
    ask().forEach((pValue, test) => ALPHAS.forEach((alpha, level) => {
      // A p-value of k / (rounds + 1) meets its level in spite of rounding.
      if (pValue !== null && pValue <= alpha * (1 + 1e-12)) (alarms[test] as number[])[level] = ((alarms[test] as number[])[level] as number) + 1;
    }));
  return tests.flatMap(({ name }, test) => ALPHAS.map((alpha, level) => ({ rule: name, population, ...sizes, alpha, ...alarmRate(alarms[test]?.[level] ?? 0, runs) })));
}

/** What a correction controls, measured on families of tests. */
export interface FamilyRow {
  readonly method: string;
  readonly family: string;
  /** `family-wise`: share of families with a false discovery. `discovery`: mean share of false ones among the discoveries. */
  readonly controls: 'family-wise' | 'discovery';
  readonly alpha: number;
  readonly rate: number;
  readonly standardError: number;
  readonly runs: number;
}

const CORRECTIONS = [{ method: 'bonferroni', adjust: bonferroni }, { method: 'holm', adjust: holm }, { method: 'benjaminiHochberg', adjust: benjaminiHochberg }] as const;
const FAMILIES = [{ family: '20 true nulls', real: 0, shared: 0 }, { family: '20 true nulls, correlation .5', real: 0, shared: 0.5 }, { family: '10 true nulls, 10 shifts of 3', real: 10, shared: 0 }] as const;
const FAMILY = 20;

/** Error rates of the corrections over families of 20 one-sided z tests, of which `real` are shifted by three deviations. */
export function familyRates(runs: number, random: Random): FamilyRow[] {
  return FAMILIES.flatMap(({ family, real, shared }) => {
    const sums = CORRECTIONS.map(() => ALPHAS.map(() => ({ any: 0, share: 0, squares: 0 })));
    for (let run = 0; run < runs; run += 1) {
      const common = random.normal();
      const p = Array.from({ length: FAMILY }, (_, at) => normalSf((at < real ? 3 : 0) + Math.sqrt(shared) * common + Math.sqrt(1 - shared) * random.normal()));
      CORRECTIONS.forEach(({ adjust }, which) => {
        const adjusted = adjust(p);
        ALPHAS.forEach((alpha, level) => {
          const found = adjusted.filter((one) => one <= alpha).length;
          const wrong = adjusted.filter((one, at) => at >= real && one <= alpha).length;
          const sum = sums[which]?.[level];
          if (sum === undefined || wrong === 0) return;
          sum.any += 1;
          sum.share += wrong / found;
          sum.squares += (wrong / found) ** 2;
        });
      });
    }
    return CORRECTIONS.flatMap(({ method }, which) => ALPHAS.flatMap((alpha, level): FamilyRow[] => {
      const { any, share, squares } = sums[which]?.[level] ?? { any: 0, share: 0, squares: 0 };
      const mean = share / runs;
      return [
        { method, family, controls: 'family-wise', alpha, ...alarmRate(any, runs) },
        { method, family, controls: 'discovery', alpha, rate: mean, standardError: Math.sqrt(Math.max(squares / runs - mean * mean, 1 / runs ** 2) / runs), runs },
      ];
    }));
  });
}
