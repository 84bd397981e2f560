import { checkCounts, sumOf } from './checks.ts';

export interface MergedBins {
  readonly reference: number[];
  readonly current: number[];
}

/**
 * Joins bins whose expected count in the smaller sample (pooled share x min(n, m)) is below `minExpected`, so that a
 * chi-square null is usable. `ordered` bins join their neighbour; categories join one rest. Symmetric in both samples,
 * so the null distribution stays the one of the merged table to first order.
 */
export function mergeSparse(reference: readonly number[], current: readonly number[], options: { minExpected: number; ordered: boolean }): MergedBins {
  checkCounts(reference, current);
  const n = sumOf(reference);
  const m = sumOf(current);
  const scale = Math.min(n, m) / (n + m);
  const expected = (at: number): number => ((reference[at] ?? 0) + (current[at] ?? 0)) * scale;
  const groups = options.ordered ? runs(reference.length, expected, options.minExpected) : rest(reference.length, expected, options.minExpected);
  const total = (counts: readonly number[], group: readonly number[]): number => group.reduce((sum, at) => sum + (counts[at] ?? 0), 0);
  return { reference: groups.map((group) => total(reference, group)), current: groups.map((group) => total(current, group)) };
}

function runs(bins: number, expected: (at: number) => number, least: number): number[][] {
  const groups: number[][] = [];
  let open: number[] = [];
  let mass = 0;
  for (let at = 0; at < bins; at += 1) {
    open.push(at);
    mass += expected(at);
    if (mass < least) continue;
    groups.push(open);
    open = [];
    mass = 0;
  }
  const last = groups.at(-1);
  if (open.length > 0 && last !== undefined) last.push(...open);
  else if (open.length > 0) groups.push(open);
  return groups;
}

function rest(bins: number, expected: (at: number) => number, least: number): number[][] {
  const order = Array.from({ length: bins }, (_, at) => at).sort((a, b) => expected(a) - expected(b) || a - b);
  const joined: number[] = [];
  let mass = 0;
  while (order.length > 0 && (expected(order[0] ?? 0) < least || (joined.length > 0 && mass < least))) {
    const at = order.shift() ?? 0;
    joined.push(at);
    mass += expected(at);
  }
  const alone = order.sort((a, b) => a - b).map((at) => [at]);
  return joined.length > 0 ? [...alone, joined] : alone;
}
