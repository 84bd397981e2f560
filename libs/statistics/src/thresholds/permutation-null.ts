import { checkWhole } from '../checks.ts';
import { sortedCopy } from '../sorted.ts';
import type { NullLaw } from './null-law.ts';
import type { Simulation } from './simulated-null.ts';

/** Distances between samples of values that a permutation judges. */
export type ValueDistance = 'wasserstein-1' | 'wasserstein-1-normalised' | 'energy';

export type ValueNulls = Readonly<Record<ValueDistance, NullLaw>>;

/**
 * Null laws of the distances between values: labels are dealt again over the sorted pool, so the rate is exact, and a
 * round costs one pass without sorting (about 1 ms for 100,000 + 100,000 values).
 * @throws MettleError INVALID_INPUT for values that are not finite
 */
export function permutationNull(reference: ArrayLike<number>, current: ArrayLike<number>, { random, rounds }: Simulation): ValueNulls {
  checkWhole(rounds, 'rounds', 1);
  const n = reference.length;
  const m = current.length;
  if (n === 0 || m === 0) return { 'wasserstein-1': { how: 'none' }, 'wasserstein-1-normalised': { how: 'none' }, energy: { how: 'none' } };
  const pool = new Float64Array(n + m);
  pool.set(sortedCopy(reference, 'reference'));
  pool.set(sortedCopy(current, 'current'), n);
  const sorted = sortedCopy(pool);
  const middle = sorted[(n + m) >>> 1] as number;
  const plain = new Float64Array(rounds);
  const normalised = new Float64Array(rounds);
  const energy = new Float64Array(rounds);
  const scale = 1 / (n * m);
  for (let round = 0; round < rounds; round += 1) {
    let left = n;
    let gap = 0;
    let area = 0;
    let squared = 0;
    let sum = 0;
    let squares = 0;
    let last = sorted[0] as number;
    for (let at = 0; at < sorted.length; at += 1) {
      const value = sorted[at] as number;
      const step = value - last;
      last = value;
      area += step * (gap < 0 ? -gap : gap);
      squared += step * gap * scale * gap;
      if (random.next() * (sorted.length - at) < left) {
        left -= 1;
        gap += m;
        const off = value - middle;
        sum += off;
        squares += off * off;
      } else gap -= n;
    }
    plain[round] = area * scale;
    normalised[round] = (area * scale) / Math.max(Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)), 0.001);
    energy[round] = Math.sqrt(2 * squared * scale);
  }
  const law = (values: Float64Array): NullLaw => ({ how: 'simulated', replicates: Array.from(values.sort()) });
  return { 'wasserstein-1': law(plain), 'wasserstein-1-normalised': law(normalised), energy: law(energy) };
}
