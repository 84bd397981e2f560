import { MettleError } from '@mettle/contracts';
import { checkCounts, sumOf } from '../checks.ts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { centred, sortedCopy } from '../sorted.ts';

export const WASSERSTEIN: Method = { name: 'wasserstein-1', kind: 'distance', direction: 'larger', needs: 'values', citation: 'Vallender (1974): ∫ |F - G|; as scipy.stats.wasserstein_distance' };
export const ENERGY: Method = { name: 'energy', kind: 'distance', direction: 'larger', needs: 'values', citation: 'Székely & Rizzo (2013): sqrt(2 ∫ (F - G)²); as scipy.stats.energy_distance' };

/** Exact ∫ |F - G|, in units of the values. */
export function wasserstein(x: ArrayLike<number>, y: ArrayLike<number>): Measured {
  return x.length === 0 || y.length === 0 ? unmeasured('EMPTY_SAMPLE') : measured(areaBetween(sortedCopy(x, 'x'), sortedCopy(y, 'y'), false));
}

/** Wasserstein over the reference's population standard deviation, floored at 0.001 as Evidently does. */
export function wassersteinNormalised(reference: ArrayLike<number>, current: ArrayLike<number>): Measured {
  const raw = wasserstein(reference, current);
  if (raw.value === null) return raw;
  return measured(raw.value / Math.max(Math.sqrt(centred(reference).squares / reference.length), 0.001));
}

/** sqrt(2 ∫ (F - G)²). */
export function energyDistance(x: ArrayLike<number>, y: ArrayLike<number>): Measured {
  return x.length === 0 || y.length === 0 ? unmeasured('EMPTY_SAMPLE') : measured(Math.sqrt(2 * areaBetween(sortedCopy(x, 'x'), sortedCopy(y, 'y'), true)));
}

/** Over sorted samples: |F - G| or its square times the step to the next value, gaps as exact integers. */
export function areaBetween(x: Float64Array, y: Float64Array, squared: boolean): number {
  const n = x.length;
  const m = y.length;
  let i = 0;
  let j = 0;
  let sum = 0;
  let last = Math.min(x[0] as number, y[0] as number);
  const scale = 1 / (n * m);
  let gap = 0;
  while (i < n && j < m) {
    const a = x[i] as number;
    const b = y[j] as number;
    const next = a < b ? a : b;
    const height = gap * scale;
    sum += (next - last) * (squared ? height * height : height < 0 ? -height : height);
    last = next;
    if (a <= b) { i += 1; gap += m; }
    if (b <= a) { j += 1; gap -= n; }
  }
  for (; i < n; i += 1) {
    const height = gap * scale;
    sum += ((x[i] as number) - last) * (squared ? height * height : Math.abs(height));
    last = x[i] as number;
    gap += m;
  }
  for (; j < m; j += 1) {
    const height = gap * scale;
    sum += ((y[j] as number) - last) * (squared ? height * height : Math.abs(height));
    last = y[j] as number;
    gap -= n;
  }
  return sum;
}

/** Wasserstein-1 of histograms on shared edges, each bin's mass at its middle (equal widths: Σ |F - G| x width, NannyML's). */
export function wassersteinBinned(reference: readonly number[], current: readonly number[], edges: readonly number[]): Measured {
  checkCounts(reference, current);
  if (edges.length !== reference.length + 1) throw new MettleError('INVALID_INPUT', 'one more edge than bins', { edges: edges.length, bins: reference.length });
  const n = sumOf(reference);
  const m = sumOf(current);
  if (n === 0 || m === 0) return unmeasured('EMPTY_SAMPLE');
  let f = 0;
  let g = 0;
  let sum = 0;
  for (let at = 0; at + 1 < reference.length; at += 1) {
    f += reference[at] ?? 0;
    g += current[at] ?? 0;
    sum += Math.abs(f / n - g / m) * (((edges[at + 2] ?? 0) - (edges[at] ?? 0)) / 2);
  }
  return measured(sum);
}
