import { describe, expect, it } from 'vitest';
import { ksPValue, binnedKs } from './kolmogorov-smirnov.ts';
import { mergeSparse } from './merge-sparse.ts';
import { oneSidedHalfWidth } from './confidence-sequence.ts';
import { longRunVariance } from './long-run-variance.ts';
import { psi, psiPValue } from './psi.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

/** Counts of `size` draws from `shares`. */
function draw(random: Random, shares: readonly number[], size: number): number[] {
  const counts = shares.map(() => 0);
  for (let k = 0; k < size; k += 1) {
    let u = random.next();
    let at = 0;
    while (at < shares.length - 1 && u >= (shares[at] ?? 0)) { u -= shares[at] ?? 0; at += 1; }
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

const zipf = (n: number): number[] => { const w = Array.from({ length: n }, (_, k) => 1 / (k + 1)); const s = w.reduce((a, b) => a + b, 0); return w.map((x) => x / s); };
const even = (n: number): number[] => new Array<number>(n).fill(1 / n);
const RUNS = 1500;

describe('false alarms on identical data (seeded; Monte-Carlo error about 0.6 points at 5 %)', () => {
  it.each([
    { name: 'even bins, ref 1000 / cur 100', shares: even(10), n: 1000, m: 100, ordered: true },
    { name: 'even bins, 300 / 300', shares: even(20), n: 300, m: 300, ordered: true },
    { name: 'skewed categories, 500 / 100', shares: zipf(40), n: 500, m: 100, ordered: false },
    { name: 'skewed categories, 2000 / 1000', shares: zipf(100), n: 2000, m: 1000, ordered: false },
    { name: 'two bins, 50 / 50', shares: [0.9, 0.1], n: 50, m: 50, ordered: true },
  ])('PSI and KS keep their rate: $name', ({ shares, n, m, ordered }) => {
    const random = createRandom(77);
    let psi5 = 0;
    let psi01 = 0;
    let ks5 = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const a = draw(random, shares, n);
      const b = draw(random, shares, m);
      const merged = mergeSparse(a, b, { minExpected: 5, ordered });
      const value = psi(merged.reference, merged.current) ?? 0;
      const p = psiPValue(value, { n, m, bins: merged.reference.length });
      if (p <= 0.05) psi5 += 1;
      if (p <= 0.001) psi01 += 1;
      if (ordered && ksPValue(binnedKs(a, b) ?? 0, n, m) <= 0.05) ks5 += 1;
    }
    expect(psi5 / RUNS).toBeLessThanOrEqual(0.06 + 0.012);
    expect(psi01 / RUNS).toBeLessThanOrEqual(0.001 + 0.003);
    expect(ks5 / RUNS).toBeLessThanOrEqual(0.06);
  });

  it('sees a real shift in the same set-up', () => {
    const random = createRandom(78);
    const a = draw(random, even(10), 1000);
    const b = draw(random, zipf(10), 300);
    expect(psiPValue(psi(a, b) ?? 0, { n: 1000, m: 300, bins: 10 })).toBeLessThan(1e-6);
    expect(ksPValue(binnedKs(a, b) ?? 0, 1000, 300)).toBeLessThan(1e-6);
  });

  it('a one-sided sequence over autocorrelated slots misses at most alpha with looks at every week', () => {
    const random = createRandom(79);
    let misses = 0;
    for (let run = 0; run < 500; run += 1) {
      const values = new Float64Array(224);
      let state = 0;
      let sum = 0;
      let missed = false;
      for (let t = 0; t < 224; t += 1) {
        state = 0.5 * state + random.normal();
        values[t] = state;
        sum += state;
        const n = t + 1;
        if (n % 56 !== 0) continue;
        const half = oneSidedHalfWidth({ n, variance: longRunVariance(values, 8, 0, n).variance, alpha: 0.05, tunedFor: 56 });
        if (sum / n + half < 0) missed = true;
      }
      if (missed) misses += 1;
    }
    expect(misses / 500).toBeLessThanOrEqual(0.05 + 0.02);
    expect(misses / 500).toBeGreaterThan(0);
  });
});

describe('mergeSparse', () => {
  it('keeps totals, joins neighbours of ordered bins and rare categories into one rest', () => {
    expect(mergeSparse([100, 1, 1, 100], [100, 1, 1, 100], { minExpected: 5, ordered: true })).toEqual({ reference: [100, 102], current: [100, 102] });
    const merged = mergeSparse([100, 2, 3, 4, 90], [100, 2, 3, 4, 90], { minExpected: 5, ordered: false });
    expect(merged.reference).toEqual([100, 90, 9]);
    expect(mergeSparse([1, 1], [1, 1], { minExpected: 5, ordered: true }).reference).toEqual([2]);
  });
});
