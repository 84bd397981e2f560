import { binOf, doaneEdges, sturgesEdges } from '../summaries/edges.ts';

interface BinnedPair {
  reference: number[];
  current: number[];
}

/** At or below this many distinct reference values Evidently counts values and not bins. */
const FEW_VALUES = 20;

/** Evidently's bins of a numeric column: Sturges over both samples together, or one bin per value where those are few. */
export function sturgesCounts(reference: ArrayLike<number>, current: ArrayLike<number>): BinnedPair {
  if (distinct(reference, FEW_VALUES + 1) <= FEW_VALUES) return perValue(reference, current);
  const edges = sturgesEdges(Float64Array.from([...Array.from(reference), ...Array.from(current)])) ?? [];
  return { reference: within(reference, edges), current: within(current, edges) };
}

/** NannyML's bins of a numeric column: Doane over the reference alone, and what lies outside them in one more bin. */
export function doaneCounts(reference: ArrayLike<number>, current: ArrayLike<number>): BinnedPair {
  const edges = doaneEdges(reference) ?? [];
  const a = within(reference, edges);
  const b = within(current, edges);
  return { reference: [...a, 0], current: [...b, current.length - b.reduce((sum, count) => sum + count, 0)] };
}

function distinct(values: ArrayLike<number>, atMost: number): number {
  const seen = new Set<number>();
  for (let at = 0; at < values.length && seen.size < atMost; at += 1) seen.add(values[at] as number);
  return seen.size;
}

function perValue(reference: ArrayLike<number>, current: ArrayLike<number>): BinnedPair {
  const place = new Map<number, number>();
  const pair: BinnedPair = { reference: [], current: [] };
  for (const [values, mine, other] of [[reference, pair.reference, pair.current], [current, pair.current, pair.reference]] as const)
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] as number;
      let bin = place.get(value);
      if (bin === undefined) { bin = place.size; place.set(value, bin); mine[bin] = 0; other[bin] = 0; }
      mine[bin] = (mine[bin] ?? 0) + 1;
    }
  return pair;
}

/** Counts within the edges; what lies outside them counts nowhere. */
function within(values: ArrayLike<number>, edges: readonly number[]): number[] {
  const bins = new Array<number>(Math.max(0, edges.length - 1)).fill(0);
  const low = edges[0] as number;
  const high = edges[edges.length - 1] as number;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    if (value < low || value > high) continue;
    const bin = binOf(edges, value);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}
