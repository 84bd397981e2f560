import { kolmogorovFiniteSf } from '../kolmogorov-finite.ts';
import type { Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';
import { sortedCopy } from '../sorted.ts';

export const KS: Method = { name: 'kolmogorov-smirnov', kind: 'two-sample-test', direction: 'larger', needs: 'values', citation: 'Hodges (1958); Simard & L\'Ecuyer (2011); as scipy.stats.ks_2samp' };

/** max |F - G| of right-continuous distribution functions, over sorted samples; exact integers until the last division. */
export function ksStatistic(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  const m = y.length;
  let i = 0;
  let j = 0;
  let most = 0;
  while (i < n && j < m) {
    const a = x[i] as number;
    const b = y[j] as number;
    if (a < b) i += 1;
    else if (b < a) j += 1;
    else {
      while (i < n && x[i] === a) i += 1;
      while (j < m && y[j] === a) j += 1;
    }
    const gap = i * m - j * n;
    // Inside a run of one sample's ties the gap lies between those at the run's ends, so looking there is harmless.
    if (gap > most) most = gap;
    else if (-gap > most) most = -gap;
  }
  return most / (n * m);
}

/**
 * Two-sample Kolmogorov-Smirnov test, two-sided. `auto` is SciPy's choice: exact while the larger sample has at most
 * 10,000 values, else the finite-n law at round(nm/(n+m)). Exact p-values are conservative with ties.
 * @throws MettleError INVALID_INPUT for values that are not finite
 */
export function ksTest(x: ArrayLike<number>, y: ArrayLike<number>, options: { how?: 'auto' | 'exact' | 'asymptotic' } = {}): TestResult {
  const n = x.length;
  const m = y.length;
  const how = options.how === undefined || options.how === 'auto' ? (Math.max(n, m) <= 10_000 ? 'exact' : 'asymptotic') : options.how;
  if (n === 0 || m === 0) return untested('EMPTY_SAMPLE', how);
  const d = ksStatistic(sortedCopy(x, 'x'), sortedCopy(y, 'y'));
  return tested(d, how === 'exact' ? ksExactSf(d, n, m) : kolmogorovFiniteSf(d, Math.round((n * m) / (n + m))), how);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** P(D >= d) when both samples come from one continuous law: lattice paths that leave the band (Hodges 1958). O(nm) unless n = m. */
export function ksExactSf(d: number, n: number, m: number): number {
  const g = gcd(n, m);
  const h = Math.round(d * (n / g) * m);
  if (h <= 0) return 1;
  return n === m ? outsideSquare(n, h) : outside(Math.max(n, m), Math.min(n, m), g, h);
}

/** P(D_nn >= h/n) = 2 Σ (-1)^{k+1} C(2n, n - kh) / C(2n, n), nested so that nothing cancels. */
function outsideSquare(n: number, h: number): number {
  let probability = 0;
  for (let k = Math.floor(n / h); k >= 0; k -= 1) {
    let ratio = 1;
    for (let j = 0; j < h; j += 1) ratio = ((n - k * h - j) * ratio) / (n + k * h + j + 1);
    probability = ratio * (1 - probability);
  }
  return 2 * probability;
}

/** Share of lattice paths to (m, n) that touch |x/m - y/n| >= h / lcm; sums of positive terms, so small p keep their digits. */
function outside(m: number, n: number, g: number, h: number): number {
  const mg = m / g;
  const ng = n / g;
  let low = 0;
  let high = Math.min(Math.ceil(h / mg), n + 1);
  const column = new Float64Array(Math.min(2 * high + 2, n + 1) + 1).fill(1);
  column.fill(0, 0, high);
  let length = high;
  for (let i = 1; i <= m; i += 1) {
    const lastLow = low;
    const lastLength = length;
    low = Math.min(Math.max(Math.floor((ng * i - h) / mg) + 1, 0), n);
    high = Math.min(Math.ceil((ng * i + h) / mg), n + 1);
    if (high <= low) return 1;
    let value = low === 0 ? 0 : 1;
    const shift = low - lastLow;
    for (let k = 0; k < high - low; k += 1) {
      const j = k + low;
      value = ((column[k + shift] as number) * i + value * j) / (i + j);
      column[k] = value;
    }
    length = high - low;
    if (lastLength > length) column.fill(1, length, length + (lastLength - length));
  }
  return column[length - 1] as number;
}
