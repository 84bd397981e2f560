import { drawBinomial } from '../discrete-draws.ts';
import { bcaInterval, movingBlockInterval } from '../intervals/bootstrap.ts';
import { aucDifference, aucInterval } from '../intervals/delong.ts';
import { clopperPearsonInterval, newcombeInterval, wilsonInterval } from '../intervals/proportion.ts';
import { tInterval, welchInterval } from '../intervals/student.ts';
import type { IntervalResult } from '../method.ts';
import { normalCdf } from '../normal.ts';
import type { Random } from '../random.ts';
import { alarmRate } from '../thresholds/false-alarm-rate.ts';
import { ALPHAS } from './drift-rules.ts';
import type { Population } from './populations.ts';
import { drawValues } from './populations.ts';

/** How often an interval does not hold the truth. */
export interface IntervalRow {
  readonly method: string;
  readonly population: string;
  /** Values, trials or positives; `m` of the second sample, or negatives; null for one sample. */
  readonly n: number;
  readonly m: number | null;
  /** What the interval states. */
  readonly alpha: number;
  readonly rate: number;
  readonly standardError: number;
  readonly runs: number;
}

/** One experiment with a known truth: draws data and gives the interval at each level. */
export interface Experiment {
  readonly method: string;
  readonly population: string;
  readonly n: number;
  readonly m: number | null;
  readonly truth: number;
  readonly draw: (random: Random) => (alpha: number, random: Random) => IntervalResult;
}

/** Misses of an experiment; data without an interval (no variance) miss. */
export function intervalMisses({ method, population, n, m, truth, draw }: Experiment, runs: number, random: Random): IntervalRow[] {
  const misses = ALPHAS.map(() => 0);
  for (let run = 0; run < runs; run += 1) {
    const ask = draw(random);
    ALPHAS.forEach((alpha, level) => {
      const { low, high } = ask(alpha, random);
      if (low === null || high === null || truth < low || truth > high) misses[level] = (misses[level] as number) + 1;
    });
  }
  return ALPHAS.map((alpha, level) => ({ method, population, n, m, alpha, ...alarmRate(misses[level] as number, runs) }));
}

export const shareExperiments = (p: number, n: number): readonly Experiment[] =>
  ([['wilsonInterval', wilsonInterval], ['clopperPearsonInterval', clopperPearsonInterval]] as const).map(([method, interval]) => {
    // Few numbers of hits occur, and each has one interval at each level.
    const known = new Map<string, IntervalResult>();
    const ask = (hits: number, alpha: number): IntervalResult => {
      const got = known.get(`${hits}/${alpha}`) ?? interval(hits, n, alpha);
      known.set(`${hits}/${alpha}`, got);
      return got;
    };
    return { method, population: `share ${p}`, n, m: null, truth: p, draw: (random: Random) => { const hits = drawBinomial(random, n, p); return (alpha: number) => ask(hits, alpha); } };
  });

export const newcombeExperiment = (p: number, q: number, n: number, m: number): Experiment => ({
  method: 'newcombeInterval', population: `shares ${p} and ${q}`, n, m, truth: p - q,
  draw: (random) => { const a = { hits: drawBinomial(random, n, p), of: n }; const b = { hits: drawBinomial(random, m, q), of: m }; return (alpha) => newcombeInterval(a, b, alpha); },
});

export const tExperiment = (population: Population, n: number): Experiment => ({
  method: 'tInterval', population: population.name, n, m: null, truth: population.mean,
  draw: (random) => { const values = drawValues(population.sampler(random), n); return (alpha) => tInterval(values, alpha); },
});

/** Both means are equal; the second sample's deviations are `spread` times as large. */
export const welchExperiment = (population: Population, spread: number, n: number, m: number): Experiment => ({
  method: 'welchInterval', population: `${population.name}, deviations 1 to ${spread}`, n, m, truth: 0,
  draw: (random) => {
    const next = population.sampler(random);
    const x = drawValues(() => next() - population.mean, n);
    const y = drawValues(() => spread * (next() - population.mean), m);
    return (alpha) => welchInterval(x, y, alpha);
  },
});

/** Normal scores a distance apart: AUC = Φ(distance / √2). */
const scores = (distance: number, labels: readonly number[], random: Random): number[] => labels.map((label) => distance * label + random.normal());
const labelsOf = (positives: number, negatives: number): number[] => Array.from({ length: positives + negatives }, (_, at) => (at < positives ? 1 : 0));

export const aucExperiment = (distance: number, n: number, m: number): Experiment => ({
  method: 'aucInterval', population: `normal scores, AUC ${normalCdf(distance / Math.SQRT2).toFixed(3)}`, n, m, truth: normalCdf(distance / Math.SQRT2),
  draw: (random) => { const labels = labelsOf(n, m); const given = scores(distance, labels, random); return (alpha) => aucInterval(labels, given, alpha); },
});

/** Two models on the same rows; half of a score's variance is common to both. */
export const aucDifferenceExperiment = (first: number, second: number, n: number, m: number): Experiment => ({
  method: 'aucDifference', population: `AUC ${normalCdf(first / Math.SQRT2).toFixed(3)} and ${normalCdf(second / Math.SQRT2).toFixed(3)}, correlation .5`, n, m,
  truth: normalCdf(first / Math.SQRT2) - normalCdf(second / Math.SQRT2),
  draw: (random) => {
    const labels = labelsOf(n, m);
    const common = labels.map(() => random.normal());
    const model = (distance: number): number[] => labels.map((label, at) => distance * label + Math.SQRT1_2 * ((common[at] as number) + random.normal()));
    const [a, b] = [model(first), model(second)];
    return (alpha) => aucDifference(labels, a, b, alpha).interval;
  },
});

const mean = (values: Float64Array): number => {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at] as number;
  return sum / values.length;
};
const deviation = (values: Float64Array): number => {
  const middle = mean(values);
  let squares = 0;
  for (let at = 0; at < values.length; at += 1) squares += ((values[at] as number) - middle) ** 2;
  return Math.sqrt(squares / (values.length - 1));
};

const BOOTSTRAP_ROUNDS = 999;

export const bcaExperiments = (population: Population, deviationOf: number | null, n: number): readonly Experiment[] =>
  [{ statistic: mean, name: 'mean', truth: population.mean }, ...(deviationOf === null ? [] : [{ statistic: deviation, name: 'deviation', truth: deviationOf }])].map(({ statistic, name, truth }) => ({
    method: 'bcaInterval', population: `${name} of ${population.name}`, n, m: null, truth,
    draw: (random) => { const values = drawValues(population.sampler(random), n); return (alpha) => bcaInterval(values, { statistic, alpha, rounds: BOOTSTRAP_ROUNDS, random }); },
  }));

/** `block` 1 is the bootstrap of independent values, to be seen beside. */
export const movingBlockExperiment = (population: Population, block: number, n: number): Experiment => ({
  method: 'movingBlockInterval', population: `mean of ${population.name}, blocks of ${block}`, n, m: null, truth: population.mean,
  draw: (random) => { const values = drawValues(population.sampler(random), n); return (alpha) => movingBlockInterval(values, { statistic: mean, alpha, block, rounds: BOOTSTRAP_ROUNDS, random }); },
});
