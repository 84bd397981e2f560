import { checkFinite, checkWhole } from '../checks.ts';
import type { Alternative, Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';
import type { Random } from '../random.ts';

export const PERMUTATION: Method = { name: 'permutation', kind: 'two-sample-test', direction: 'both', needs: 'values', citation: 'Phipson & Smyth (2010): p = (1 + as extreme) / (1 + rounds); as scipy.stats.permutation_test' };

export const meanDifference = (x: ArrayLike<number>, y: ArrayLike<number>): number => mean(x) - mean(y);
function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at] as number;
  return sum / values.length;
}

/**
 * Permutation test of any statistic of two samples. When there are no more than `rounds` splits all of them are taken
 * (exact, as SciPy); otherwise `rounds` random ones, p = (1 + b) / (1 + rounds). Two-sided is twice the smaller side.
 */
export function permutationTest(x: ArrayLike<number>, y: ArrayLike<number>, options: { random: Random; rounds: number; alternative?: Alternative; statistic?: (x: Float64Array, y: Float64Array) => number }): TestResult {
  checkFinite(x, 'x');
  checkFinite(y, 'y');
  checkWhole(options.rounds, 'rounds', 1);
  const n = x.length;
  const m = y.length;
  if (n === 0 || m === 0) return untested('EMPTY_SAMPLE', 'permutation');
  const statistic = options.statistic ?? meanDifference;
  const pooled = Float64Array.from([...Array.from(x), ...Array.from(y)]);
  const observed = statistic(pooled.slice(0, n), pooled.slice(n));
  const gamma = Math.abs(observed) * 1e-14;
  let below = 0;
  let above = 0;
  const look = (value: number): void => {
    if (value <= observed + gamma) below += 1;
    if (value >= observed - gamma) above += 1;
  };
  const splits = combinations(n + m, n);
  const exact = splits <= options.rounds;
  if (exact) everySplit(pooled, n, (a, b) => look(statistic(a, b)));
  else
    for (let round = 0; round < options.rounds; round += 1) {
      for (let k = 0; k < n; k += 1) {
        const at = k + options.random.below(n + m - k);
        const value = pooled[at] as number;
        pooled[at] = pooled[k] as number;
        pooled[k] = value;
      }
      look(statistic(pooled.subarray(0, n), pooled.subarray(n)));
    }
  const side = (count: number): number => (exact ? count / splits : (count + 1) / (options.rounds + 1));
  const alternative = options.alternative ?? 'two-sided';
  const p = alternative === 'less' ? side(below) : alternative === 'greater' ? side(above) : 2 * Math.min(side(below), side(above));
  return tested(observed, p, exact ? 'exact' : 'random');
}

function combinations(all: number, few: number): number {
  let c = 1;
  for (let k = 1; k <= Math.min(few, all - few); k += 1) c = Math.round((c * (all - Math.min(few, all - few) + k)) / k);
  return c;
}

function everySplit(pooled: Float64Array, n: number, visit: (a: Float64Array, b: Float64Array) => void): void {
  const all = pooled.length;
  const a = new Float64Array(n);
  const b = new Float64Array(all - n);
  const choose = (at: number, i: number, j: number): void => {
    if (at === all) { visit(a, b); return; }
    if (i < n) { a[i] = pooled[at] as number; choose(at + 1, i + 1, j); }
    if (j < all - n) { b[j] = pooled[at] as number; choose(at + 1, i, j + 1); }
  };
  choose(0, 0, 0);
}
