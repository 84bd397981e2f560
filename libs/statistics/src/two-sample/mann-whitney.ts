import { checkFinite } from '../checks.ts';
import type { Alternative, Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';
import { normalSf } from '../normal.ts';
import { midranks } from '../sorted.ts';

export const MANN_WHITNEY: Method = { name: 'mann-whitney', kind: 'two-sample-test', direction: 'both', needs: 'values', citation: 'Mann & Whitney (1947); as scipy.stats.mannwhitneyu' };

/**
 * Mann-Whitney U of the first sample. `auto` is SciPy's choice: exact without ties when a sample has at most eight values,
 * else the normal limit with tie and continuity corrections.
 */
export function mannWhitneyTest(x: ArrayLike<number>, y: ArrayLike<number>, options: { alternative?: Alternative; how?: 'auto' | 'exact' | 'asymptotic'; continuity?: boolean } = {}): TestResult {
  checkFinite(x, 'x');
  checkFinite(y, 'y');
  const n = x.length;
  const m = y.length;
  if (n === 0 || m === 0) return untested('EMPTY_SAMPLE', options.how ?? 'auto');
  const pooled = new Float64Array(n + m);
  pooled.set(Array.from(x));
  pooled.set(Array.from(y), n);
  const { ranks, ties } = midranks(pooled);
  let rankSum = 0;
  for (let at = 0; at < n; at += 1) rankSum += ranks[at] as number;
  const u1 = rankSum - (n * (n + 1)) / 2;
  const u2 = n * m - u1;
  const tied = ties.some((size) => size > 1);
  const how = options.how === undefined || options.how === 'auto' ? (Math.min(n, m) > 8 || tied ? 'asymptotic' : 'exact') : options.how;
  const alternative = options.alternative ?? 'two-sided';
  const u = alternative === 'greater' ? u1 : alternative === 'less' ? u2 : Math.max(u1, u2);
  const sides = alternative === 'two-sided' ? 2 : 1;
  if (how === 'exact') return tested(u1, sides * exactSf(u, n, m), how);
  const all = n + m;
  const tieTerm = ties.reduce((sum, size) => sum + (size ** 3 - size), 0);
  const variance = ((n * m) / 12) * (all + 1 - tieTerm / (all * (all - 1)));
  if (!(variance > 0)) return untested('NO_VARIANCE', how);
  const z = (u - (n * m) / 2 - (options.continuity === false ? 0 : 0.5)) / Math.sqrt(variance);
  return tested(u1, sides * normalSf(z), how);
}

/** P(U >= u) without ties: the recursion over the last value's owner, in probabilities. O(min(n,m)² max(n,m)²). */
function exactSf(u: number, n: number, m: number): number {
  const few = Math.min(n, m);
  const many = Math.max(n, m);
  // f[i] is the law of U for (i, j); j grows.
  const f: Float64Array[] = Array.from({ length: few + 1 }, () => Float64Array.of(1));
  for (let j = 1; j <= many; j += 1)
    for (let i = 1; i <= few; i += 1) {
      const next = new Float64Array(i * j + 1);
      const less = f[i - 1] as Float64Array;
      const same = f[i] as Float64Array;
      for (let k = 0; k < next.length; k += 1) next[k] = (i / (i + j)) * (k >= j ? (less[k - j] ?? 0) : 0) + (j / (i + j)) * (same[k] ?? 0);
      f[i] = next;
    }
  const law = f[few] as Float64Array;
  let p = 0;
  // From the far end: small terms first.
  for (let k = law.length - 1; k >= Math.ceil(u); k -= 1) p += law[k] as number;
  return p;
}
