import type { Random } from '../random.ts';

/** A law over bins that calibration draws both samples from. */
export interface Shape {
  readonly name: string;
  readonly shares: readonly number[];
  readonly ordered: boolean;
}

const zipf = (bins: number): number[] => {
  const weights = Array.from({ length: bins }, (_, at) => 1 / (at + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};

/** Filled bins, rare categories, and the discrete extreme. */
export const SHAPES: readonly Shape[] = [
  { name: '10 even bins', shares: new Array<number>(10).fill(0.1), ordered: true },
  { name: '30 skewed categories', shares: zipf(30), ordered: false },
  { name: '2 categories, 9 to 1', shares: [0.9, 0.1], ordered: false },
];

/** Values that calibration draws; `next` may remember (AR). */
export interface Population {
  readonly name: string;
  readonly mean: number;
  sampler(random: Random): () => number;
}

const independent = (name: string, mean: number, draw: (random: Random) => number): Population => ({ name, mean, sampler: (random) => () => draw(random) });

export const NORMAL: Population = independent('normal', 0, (random) => random.normal());
export const LOGNORMAL: Population = independent('lognormal(1.5)', Math.exp(1.125), (random) => Math.exp(1.5 * random.normal()));
export const RARE: Population = independent('Bernoulli(.01)', 0.01, (random) => (random.next() < 0.01 ? 1 : 0));
/** Ties everywhere. */
export const TIED: Population = independent('whole numbers 0 to 9', 4.5, (random) => random.below(10));
export const EXPONENTIAL: Population = independent('exponential', 1, (random) => -Math.log(1 - random.next()));
/** Stationary AR(1) with coefficient ½: rows that share a cause. */
export const AUTOCORRELATED: Population = {
  name: 'AR(1), .5', mean: 0,
  sampler: (random) => {
    let state = random.normal() / Math.sqrt(0.75);
    return () => { state = 0.5 * state + random.normal(); return state; };
  },
};

/** `size` values. */
export function drawValues(next: () => number, size: number): Float64Array {
  const values = new Float64Array(size);
  for (let at = 0; at < size; at += 1) values[at] = next();
  return values;
}
