import { checkWhole } from '../checks.ts';
import type { Random } from '../random.ts';
import { sortedCopy } from '../sorted.ts';
import type { NullLaw } from './null-law.ts';
import type { Simulation } from './simulated-null.ts';

/** Distances between samples of values that a permutation judges. */
export type ValueDistance = 'wasserstein-1' | 'wasserstein-1-normalised' | 'energy';

const NAMES: readonly ValueDistance[] = ['wasserstein-1', 'wasserstein-1-normalised', 'energy'];

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
  const replicates = NAMES.map(() => new Float64Array(rounds));
  for (let round = 0; round < rounds; round += 1) {
    const dealt = dealSorted(sorted, n, random);
    NAMES.forEach((name, at) => { (replicates[at] as Float64Array)[round] = dealt[name]; });
  }
  const [plain, normalised, energy] = replicates.map((values): NullLaw => ({ how: 'simulated', replicates: Array.from(values.sort()) })) as [NullLaw, NullLaw, NullLaw];
  return { 'wasserstein-1': plain, 'wasserstein-1-normalised': normalised, energy };
}

/** One round: the distances of `n` values of an ascending pool, each subset as likely as any other, to the rest. */
export function dealSorted(sorted: Float64Array, n: number, random: Random): Readonly<Record<ValueDistance, number>> {
  const all = sorted.length;
  const middle = sorted[all >>> 1] as number;
  const scale = 1 / (n * (all - n));
  let left = n;
  let gap = 0;
  let area = 0;
  let squared = 0;
  let sum = 0;
  let squares = 0;
  let last = sorted[0] as number;
  for (let at = 0; at < all; at += 1) {
    const value = sorted[at] as number;
    const step = value - last;
    last = value;
    area += step * Math.abs(gap);
    squared += step * gap * scale * gap;
    // Arithmetic, because no processor foresees this branch.
    const taken = Number(random.next() * (all - at) < left);
    left -= taken;
    gap += taken * all - n;
    const off = taken * (value - middle);
    sum += off;
    squares += off * off;
  }
  return { 'wasserstein-1': area * scale, 'wasserstein-1-normalised': (area * scale) / Math.max(Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)), 0.001), energy: Math.sqrt(2 * squared * scale) };
}
