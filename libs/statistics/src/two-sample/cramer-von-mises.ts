import { checkFinite } from '../checks.ts';
import { cramerVonMisesSf } from '../cramer-von-mises-limit.ts';
import type { Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';
import { midranks, sortedCopy } from '../sorted.ts';

export const CRAMER_VON_MISES: Method = { name: 'cramer-von-mises', kind: 'two-sample-test', direction: 'larger', needs: 'values', citation: 'Anderson (1962); Xiao, Gordon & Yakovlev (2006); as scipy.stats.cramervonmises_2samp' };

/** Two-sample Cramér-von Mises test, midranks for ties; exact while both samples have at most 20 values, as SciPy. */
export function cramerVonMisesTest(x: ArrayLike<number>, y: ArrayLike<number>, options: { how?: 'auto' | 'exact' | 'asymptotic' } = {}): TestResult {
  const n = x.length;
  const m = y.length;
  const how = options.how === undefined || options.how === 'auto' ? (Math.max(n, m) <= 20 ? 'exact' : 'asymptotic') : options.how;
  if (n < 2 || m < 2) return untested(n === 0 || m === 0 ? 'EMPTY_SAMPLE' : 'TOO_FEW_VALUES', how);
  checkFinite(x, 'x');
  checkFinite(y, 'y');
  const pooled = new Float64Array(n + m);
  pooled.set(sortedCopy(x));
  pooled.set(sortedCopy(y), n);
  const { ranks } = midranks(pooled);
  let first = 0;
  let second = 0;
  for (let i = 0; i < n; i += 1) first += ((ranks[i] as number) - (i + 1)) ** 2;
  for (let j = 0; j < m; j += 1) second += ((ranks[n + j] as number) - (j + 1)) ** 2;
  const u = n * first + m * second;
  const k = n * m;
  const all = n + m;
  const t = u / (k * all) - (4 * k - 1) / (6 * all);
  return tested(t, how === 'exact' ? exactSf(u, n, m) : asymptoticSf(t, n, m), how);
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
