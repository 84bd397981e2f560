import { drawMultinomial } from '../discrete-draws.ts';
import type { Random } from '../random.ts';
import { energyDistance, wasserstein, wassersteinNormalised } from '../distances/wasserstein.ts';
import { binnedDrifts } from '../thresholds/drift-rule.ts';
import type { DriftResult } from '../thresholds/drift-rule.ts';
import { alarmRate } from '../thresholds/false-alarm-rate.ts';
import { BINNED_KS_MEASURE, CRAMERS_V_MEASURE, HELLINGER_MEASURE, L_INFINITY_MEASURE, TOTAL_VARIATION_MEASURE, binnedWassersteinMeasure, jensenShannonMeasure, klMeasure, psiMeasure } from '../thresholds/measures.ts';
import type { BinnedMeasure } from '../thresholds/measures.ts';
import { nullPValue } from '../thresholds/null-law.ts';
import { dealSorted } from '../thresholds/permutation-null.ts';
import type { ValueDistance } from '../thresholds/permutation-null.ts';
import type { Simulation } from '../thresholds/simulated-null.ts';
import { sortedCopy } from '../sorted.ts';
import type { Population, Shape } from './populations.ts';
import { drawValues } from './populations.ts';

/** The measured false-alarm rate of one rule at one size. */
export interface CalibrationRow {
  readonly rule: string;
  readonly population: string;
  readonly n: number;
  readonly m: number;
  /** What the rule states. */
  readonly alpha: number;
  readonly rate: number;
  /** Monte-Carlo error of the rate, one standard error. */
  readonly standardError: number;
  readonly runs: number;
}

export interface Sizes {
  readonly n: number;
  readonly m: number;
}

export const ALPHAS = [0.05, 0.01] as const;
/** With 99 replicates both levels are met exactly, with 19 the first one. */
const ROUNDS = 99;
const VALUE_ROUNDS = 19;

/** Rules with a limit that needs no replicates at any size. */
export const FAST_MEASURES: readonly BinnedMeasure[] = [psiMeasure(), CRAMERS_V_MEASURE];

/** Rules that deal the bins again where their limit does not hold, or always. */
export const dealtMeasures = ({ shares, ordered }: Shape): readonly BinnedMeasure[] => [
  jensenShannonMeasure(), klMeasure(), HELLINGER_MEASURE, psiMeasure('evidently'), TOTAL_VARIATION_MEASURE, L_INFINITY_MEASURE,
  ...(ordered ? [BINNED_KS_MEASURE, binnedWassersteinMeasure(Array.from({ length: shares.length + 1 }, (_, at) => at))] : []),
];

/** False alarms of rules over counts when both samples come from `shape`. */
export function calibrateBinned(measures: readonly BinnedMeasure[], shape: Shape, { n, m }: Sizes, runs: number, random: Random): CalibrationRow[] {
  const alarms = ALPHAS.map(() => measures.map(() => 0));
  for (let run = 0; run < runs; run += 1) {
    const a: number[] = [];
    const b: number[] = [];
    drawMultinomial(random, shape.shares, n, a);
    drawMultinomial(random, shape.shares, m, b);
    binnedPValues(measures, a, b, { ordered: shape.ordered, random }).forEach((pValue, rule) => count(alarms, rule, pValue));
  }
  return rowsOf(measures.map((measure) => measure.name), alarms, ALPHAS, shape.name, { n, m }, runs);
}

/** Rounds of the first stage, and the replicates as large as the distance that settle a rule: with five of 99, p is .06 or more. */
const FIRST = 24;
const SETTLED = 5;

/**
 * p-values of `binnedDrifts` after {@link ROUNDS} rounds, or some above the highest level: the rounds after the first stage
 * are dealt only where they could still lead to an alarm.
 */
export function binnedPValues(measures: readonly BinnedMeasure[], a: readonly number[], b: readonly number[], { ordered, random }: { ordered: boolean; random: Random }): (number | null)[] {
  const stage = (rounds: number): DriftResult[] => binnedDrifts(measures, a, b, { alpha: ALPHAS[0], ordered, simulation: { random, rounds } });
  const asLarge = ({ pValue }: DriftResult, rounds: number): number => Math.round((pValue ?? 1) * (1 + rounds)) - 1;
  const first = stage(FIRST);
  const open = first.some((one) => one.law?.how === 'simulated' && asLarge(one, FIRST) < SETTLED);
  const rest = open ? stage(ROUNDS - FIRST) : null;
  return first.map((one, at) => (one.law?.how !== 'simulated' || rest === null ? one.pValue : (1 + asLarge(one, FIRST) + asLarge(rest[at] as DriftResult, ROUNDS - FIRST)) / (1 + ROUNDS)));
}

const VALUE_RULES: readonly ValueDistance[] = ['wasserstein-1', 'wasserstein-1-normalised', 'energy'];

/** A pool of at least this many values serves {@link SPLITS} pairs. */
const LARGE = 5000;
const SPLITS = 20;

/**
 * False alarms at 5 % of rules over values when both samples come from `population`. A pair is a random split of a pool
 * of n + m independent values, which is two independent samples; given its pool the splits are independent too, so a large
 * pool, drawn and sorted once, serves many pairs.
 */
export function calibrateValues(population: Population, { n, m }: Sizes, runs: number, random: Random): CalibrationRow[] {
  const alarms = VALUE_RULES.map(() => 0);
  const next = population.sampler(random);
  let pool: Float64Array = new Float64Array();
  for (let run = 0; run < runs; run += 1) {
    if (n + m < LARGE || run % SPLITS === 0) pool = sortedCopy(drawValues(next, n + m));
    valueAlarms(pool, ...split(pool, n, random), { random, rounds: VALUE_ROUNDS }).forEach((alarm, at) => { if (alarm) alarms[at] = (alarms[at] as number) + 1; });
  }
  return rowsOf(VALUE_RULES, [alarms], [ALPHAS[0]], population.name, { n, m }, runs);
}

/**
 * Whether `valueDrifts` alarms at alpha = 1 / (rounds + 1), by rule: no replicate is as large as the distance. The first
 * that is settles a rule, so most pairs need few rounds (Besag & Clifford 1991).
 */
export function valueAlarms(sortedPool: Float64Array, reference: Float64Array, current: Float64Array, { random, rounds }: Simulation): boolean[] {
  const values = [wasserstein, wassersteinNormalised, energyDistance].map((distance) => distance(reference, current).value);
  const alarms = values.map((value) => value !== null);
  for (let round = 0; round < rounds && alarms.includes(true); round += 1) {
    const dealt = dealSorted(sortedPool, reference.length, random);
    values.forEach((value, at) => { if (value !== null && nullPValue({ how: 'simulated', replicates: [dealt[VALUE_RULES[at] as ValueDistance]] }, value) === 1) alarms[at] = false; });
  }
  return alarms;
}

/** `n` values of an ascending pool, each subset as likely as any other, and the rest; both ascending. */
function split(pool: Float64Array, n: number, random: Random): [Float64Array, Float64Array] {
  const taken = new Float64Array(n);
  const rest = new Float64Array(pool.length - n);
  let i = 0;
  for (let at = 0; at < pool.length; at += 1) {
    if (random.next() * (pool.length - at) < n - i) {
      taken[i] = pool[at] as number;
      i += 1;
    } else rest[at - i] = pool[at] as number;
  }
  return [taken, rest];
}

function count(alarms: number[][], rule: number, pValue: number | null): void {
  ALPHAS.forEach((alpha, level) => { if (pValue !== null && pValue <= alpha) (alarms[level] as number[])[rule] = ((alarms[level] as number[])[rule] as number) + 1; });
}

const rowsOf = (names: readonly string[], alarms: readonly (readonly number[])[], alphas: readonly number[], population: string, sizes: Sizes, runs: number): CalibrationRow[] =>
  names.flatMap((rule, at) => alphas.map((alpha, level) => ({ rule, population, ...sizes, alpha, ...alarmRate(alarms[level]?.[at] ?? 0, runs) })));
