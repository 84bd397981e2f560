import { checkCounts, checkRange, checkWhole, sumOf } from '../checks.ts';
import { dealCounts, drawMultinomial } from '../discrete-draws.ts';
import type { Random } from '../random.ts';
import type { BinnedMeasure } from './measures.ts';
import type { NullLaw } from './null-law.ts';

/** How a null law is simulated: whose chance, and how many replicates (199 for alpha = 5 %, 1,999 for 0.1 %). */
export interface Simulation {
  readonly random: Random;
  readonly rounds: number;
}

/** Distances without a number (an infinite one) count as the largest. */
function lawsOf(measures: readonly BinnedMeasure[], rounds: number, draw: () => readonly [readonly number[], readonly number[]]): NullLaw[] {
  checkWhole(rounds, 'rounds', 1);
  const replicates = measures.map(() => new Float64Array(rounds));
  for (let round = 0; round < rounds; round += 1) {
    const [a, b] = draw();
    measures.forEach((measure, at) => { (replicates[at] as Float64Array)[round] = measure.of(a, b).value ?? Number.MAX_VALUE; });
  }
  return replicates.map((values) => ({ how: 'simulated', replicates: Array.from(values.sort()) }));
}

/**
 * The laws given the pooled counts: the rows of both samples are dealt again (a permutation, drawn bin by bin), so the
 * rule keeps its rate exactly at any size, with any bins and any rule for zeros. One law per measure, from the same deals.
 * @throws MettleError INVALID_INPUT for counts that are not whole numbers
 */
export function dealtNull(measures: readonly BinnedMeasure[], reference: readonly number[], current: readonly number[], { random, rounds }: Simulation): NullLaw[] {
  checkCounts(reference, current);
  const totals = reference.map((count, at) => count + (current[at] ?? 0));
  for (const count of [...reference, ...current]) checkWhole(count, 'count');
  const n = sumOf(reference);
  const m = sumOf(current);
  if (n === 0 || m === 0) return measures.map(() => ({ how: 'none' }));
  const few: number[] = [];
  const rest: number[] = [];
  return lawsOf(measures, rounds, () => {
    dealCounts(random, totals, Math.min(n, m), few, rest);
    return n <= m ? [few, rest] : [rest, few];
  });
}

/**
 * The laws before any current window is seen: both samples are drawn from `shares` (a reference's, or pooled). It depends
 * on the shares and sizes only, so a caller keeps it as the alarm line of many windows; it is as good as the shares are known.
 * @throws MettleError INVALID_INPUT unless the shares sum to one
 */
export function multinomialNull(measures: readonly BinnedMeasure[], shares: readonly number[], sizes: { readonly n: number; readonly m: number }, { random, rounds }: Simulation): NullLaw[] {
  checkWhole(sizes.n, 'n', 1);
  checkWhole(sizes.m, 'm', 1);
  for (const share of shares) checkRange(share, 'share', 0, 1);
  checkRange(sumOf(shares), 'sum of shares', 1 - 1e-9, 1 + 1e-9);
  const a: number[] = [];
  const b: number[] = [];
  return lawsOf(measures, rounds, () => {
    drawMultinomial(random, shares, sizes.n, a);
    drawMultinomial(random, shares, sizes.m, b);
    return [a, b];
  });
}
