import { cramerVonMisesSf } from '../cramer-von-mises-limit.ts';
import type { Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';
import { sortedCopy } from '../sorted.ts';

export const CRAMER_VON_MISES: Method = { name: 'cramer-von-mises', kind: 'two-sample-test', direction: 'larger', needs: 'values', citation: 'Anderson (1962); Xiao, Gordon & Yakovlev (2006); as scipy.stats.cramervonmises_2samp' };

/**
 * Two-sample Cramér-von Mises test; exact while both samples have at most 20 values and none is tied, as SciPy. A group of
 * ties counts by the mean of the squared gaps before and after it, which is SciPy's statistic where nothing is tied. SciPy's
 * midranks instead alarm on all tied samples of unlike sizes (1,000 and 200 whole numbers from 0 to 9: always).
 */
export function cramerVonMisesTest(x: ArrayLike<number>, y: ArrayLike<number>, options: { how?: 'auto' | 'exact' | 'asymptotic' } = {}): TestResult {
  const n = x.length;
  const m = y.length;
  const asked = options.how ?? 'auto';
  if (n < 2 || m < 2) return untested(n === 0 || m === 0 ? 'EMPTY_SAMPLE' : 'TOO_FEW_VALUES', asked);
  const { t, tied } = statisticOf(sortedCopy(x, 'x'), sortedCopy(y, 'y'));
  const how = asked === 'auto' ? (Math.max(n, m) <= 20 && !tied ? 'exact' : 'asymptotic') : asked;
  if (how === 'asymptotic') return tested(t, asymptoticSf(t, n, m), how);
  const k = n * m;
  const u = k * (n + m) * t + (k * (4 * k - 1)) / 6;
  // Whole without ties, but for rounding.
  return tested(t, exactSf(tied ? u : Math.round(u), n, m), how);
}

/** nm/(n+m)² Σ (F - G)² over the pooled values: sorted samples, gaps as exact integers. */
function statisticOf(x: Float64Array, y: Float64Array): { t: number; tied: boolean } {
  const n = x.length;
  const m = y.length;
  let i = 0;
  let j = 0;
  let sum = 0;
  let before = 0;
  let tied = false;
  while (i < n || j < m) {
    const value = i === n ? (y[j] as number) : j === m ? (x[i] as number) : Math.min(x[i] as number, y[j] as number);
    const from = i + j;
    while (i < n && x[i] === value) i += 1;
    while (j < m && y[j] === value) j += 1;
    const size = i + j - from;
    if (size > 1) tied = true;
    const gap = (i * m - j * n) ** 2;
    sum += (size * (before + gap)) / 2;
    before = gap;
  }
  return { t: sum / (n * m) / (n + m) ** 2, tied };
}

/** The limit law after matching mean and variance of T at (n, m) (Anderson 1962, eqs. 11 and 14). */
function asymptoticSf(t: number, n: number, m: number): number {
  const k = n * m;
  const all = n + m;
  const mean = (1 + 1 / all) / 6;
  const variance = ((all + 1) * (4 * k * all - 3 * (n * n + m * m) - 2 * k)) / (45 * all * all * 4 * k);
  return cramerVonMisesSf(1 / 6 + (t - mean) / Math.sqrt(45 * variance));
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** P(U >= u): every path through the n x m lattice, gathered by the squared deviations it has met. */
function exactSf(u: number, n: number, m: number): number {
  const lcm = (n * m) / gcd(n, m);
  const a = lcm / n;
  const b = lcm / m;
  const k = n * m;
  const limit = Math.floor((lcm ** 2 * (n + m) * (6 * u - k * (4 * k - 1))) / (6 * k ** 2));
  let rows: Map<number, number>[] = Array.from({ length: n + 1 }, (_, v) => (v === 0 ? new Map([[0, 1]]) : new Map<number, number>()));
  for (let j = 0; j <= m; j += 1) {
    const next: Map<number, number>[] = [];
    let carried = new Map<number, number>();
    for (let v = 0; v <= n; v += 1) {
      const step = (a * v - b * j) ** 2;
      const met = new Map<number, number>();
      for (const from of [carried, rows[v] as Map<number, number>]) for (const [value, paths] of from) met.set(value + step, (met.get(value + step) ?? 0) + paths);
      carried = met;
      next.push(met);
    }
    rows = next;
  }
  let above = 0;
  let all = 0;
  for (const [value, paths] of rows[n] as Map<number, number>) {
    all += paths;
    if (value >= limit) above += paths;
  }
  return above / all;
}
