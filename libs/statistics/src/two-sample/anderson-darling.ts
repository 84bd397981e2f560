import { MettleError } from '@mettle/contracts';
import type { Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';
import { sortedCopy } from '../sorted.ts';

export const ANDERSON_DARLING: Method = { name: 'anderson-darling-k-sample', kind: 'two-sample-test', direction: 'larger', needs: 'values', citation: 'Scholz & Stephens (1987), A2akN with midranks; as scipy.stats.anderson_ksamp' };

/**
 * k-sample Anderson-Darling test, standardised statistic. The p-value comes from Scholz and Stephens' table and is
 * clipped to [0.001, 0.25], as in SciPy: use it to compare with 1 %, 2.5 %, 5 % or 10 %, never as a small number.
 */
export function andersonDarlingTest(samples: readonly ArrayLike<number>[]): TestResult {
  if (samples.length < 2) throw new MettleError('INVALID_INPUT', 'at least two samples', { samples: samples.length });
  if (samples.some((sample) => sample.length === 0)) return untested('EMPTY_SAMPLE', 'table');
  const sorted = samples.map((sample) => sortedCopy(sample));
  const all = sorted.reduce((sum, sample) => sum + sample.length, 0);
  const pooled = new Float64Array(all);
  sorted.reduce((from, sample) => { pooled.set(sample, from); return from + sample.length; }, 0);
  pooled.sort();
  if (pooled[0] === pooled[all - 1]) return untested('NO_VARIANCE', 'table');
  if (all < 4) return untested('TOO_FEW_VALUES', 'table');
  const k = samples.length;
  const at = sorted.map(() => 0);
  const sums = sorted.map(() => 0);
  for (let from = 0; from < all; ) {
    const value = pooled[from] as number;
    let to = from + 1;
    while (to < all && pooled[to] === value) to += 1;
    const l = to - from;
    const b = from + l / 2;
    for (let s = 0; s < k; s += 1) {
      const sample = sorted[s] as Float64Array;
      const before = at[s] as number;
      let after = before;
      while (after < sample.length && sample[after] === value) after += 1;
      at[s] = after;
      const midway = (before + after) / 2;
      sums[s] = (sums[s] as number) + ((l / all) * (all * midway - b * sample.length) ** 2) / (b * (all - b) - (all * l) / 4);
    }
    from = to;
  }
  const raw = (sorted.reduce((sum, sample, s) => sum + (sums[s] as number) / sample.length, 0) * (all - 1)) / all;
  const statistic = (raw - (k - 1)) / Math.sqrt(varianceOf(sorted.map((sample) => sample.length), all));
  return tested(statistic, tableP(statistic, k - 1), 'table');
}

function varianceOf(sizes: readonly number[], all: number): number {
  const k = sizes.length;
  const H = sizes.reduce((sum, size) => sum + 1 / size, 0);
  let h = 1;
  let g = 0;
  let harmonic = 0;
  for (let i = 1; i <= all - 2; i += 1) {
    harmonic += 1 / (all - i);
    g += harmonic / (i + 1);
  }
  h += harmonic;
  const a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * H;
  const b = (2 * g - 4) * k ** 2 + 8 * h * k + (2 * g - 14 * h - 4) * H - 8 * h + 4 * g - 6;
  const c = (6 * h + 2 * g - 2) * k ** 2 + (4 * h - 4 * g + 6) * k + (2 * h - 6) * H + 4 * h;
  const d = (2 * h + 6) * k ** 2 - 4 * h * k;
  return (a * all ** 3 + b * all ** 2 + c * all + d) / ((all - 1) * (all - 2) * (all - 3));
}

const B0 = [0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085];
const B1 = [-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615];
const B2 = [-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154];
const LEVELS = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];

/** Least-squares parabola through (critical value, ln level), clipped to the table. */
function tableP(statistic: number, m: number): number {
  const critical = B0.map((b0, at) => b0 + (B1[at] ?? 0) / Math.sqrt(m) + (B2[at] ?? 0) / m);
  if (statistic < Math.min(...critical)) return 0.25;
  if (statistic > Math.max(...critical)) return 0.001;
  const centre = critical.reduce((sum, x) => sum + x, 0) / critical.length;
  // Normal equations of a parabola in (x - centre).
  const power = (p: number): number => critical.reduce((sum, x) => sum + (x - centre) ** p, 0);
  const moment = (p: number): number => critical.reduce((sum, x, at) => sum + (x - centre) ** p * Math.log(LEVELS[at] ?? 1), 0);
  const [s0, s1, s2, s3, s4] = [7, power(1), power(2), power(3), power(4)] as const;
  const [t0, t1, t2] = [moment(0), moment(1), moment(2)] as const;
  const det = s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s3 * s2) + s2 * (s1 * s3 - s2 * s2);
  const c0 = (t0 * (s2 * s4 - s3 * s3) - s1 * (t1 * s4 - s3 * t2) + s2 * (t1 * s3 - s2 * t2)) / det;
  const c1 = (s0 * (t1 * s4 - t2 * s3) - t0 * (s1 * s4 - s3 * s2) + s2 * (s1 * t2 - s2 * t1)) / det;
  const c2 = (s0 * (s2 * t2 - s3 * t1) - s1 * (s1 * t2 - s2 * t1) + t0 * (s1 * s3 - s2 * s2)) / det;
  const x = statistic - centre;
  return Math.exp(c0 + c1 * x + c2 * x * x);
}
