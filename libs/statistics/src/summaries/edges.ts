import { MettleError } from '@mettle/contracts';
import { checkWhole } from '../checks.ts';
import { sortedCopy } from '../sorted.ts';

/** @throws MettleError INVALID_INPUT unless there are two or more finite edges that rise */
export function checkEdges(edges: readonly number[]): void {
  const rises = edges.every((edge, at) => Number.isFinite(edge) && (at === 0 || edge > (edges[at - 1] as number)));
  if (edges.length < 2 || !rises) throw new MettleError('INVALID_INPUT', 'two or more finite edges, rising', { edges: edges.map(String) });
}

/** `bins` equal bins from low to high; a range of no width is widened by ½ on both sides, as NumPy. */
export function equalWidthEdges(low: number, high: number, bins: number): number[] {
  checkWhole(bins, 'bins', 1);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) throw new MettleError('INVALID_INPUT', 'low and high are finite and in order', { low: String(low), high: String(high) });
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const step = (to - from) / bins;
  return [...Array.from({ length: bins }, (_, at) => at * step + from), to].filter((edge, at, all) => at === 0 || edge > (all[at - 1] as number));
}

/** Sturges (1926): range / (log2 n + 1) wide. null for no values. */
export const sturgesEdges = (values: ArrayLike<number>): number[] | null => byWidth(values, (n, range) => range / (Math.log2(n) + 1));

/** Doane (1976): more bins for skewed values, range / (1 + log2 n + log2(1 + |g1| / σ(g1))). null for no values. */
export const doaneEdges = (values: ArrayLike<number>): number[] | null =>
  byWidth(values, (n, range, sorted) => {
    if (n < 3) return 0;
    let mean = 0;
    for (const value of sorted) mean += value;
    mean /= n;
    let second = 0;
    for (const value of sorted) second += (value - mean) ** 2;
    const sd = Math.sqrt(second / n);
    if (!(sd > 0)) return 0;
    let third = 0;
    for (const value of sorted) third += ((value - mean) / sd) ** 3;
    const spread = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
    return range / (1 + Math.log2(n) + Math.log2(1 + Math.abs(third / n) / spread));
  });

function byWidth(values: ArrayLike<number>, widthOf: (n: number, range: number, sorted: Float64Array) => number): number[] | null {
  const sorted = sortedCopy(values);
  const n = sorted.length;
  if (n === 0) return null;
  const low = sorted[0] as number;
  const high = sorted[n - 1] as number;
  const width = high > low ? widthOf(n, high - low, sorted) : 0;
  return equalWidthEdges(low, high, width > 0 ? Math.ceil((high - low) / width) : 1);
}

/** Edges at `bins` + 1 even quantiles (linear between order statistics, as NumPy); equal ones are joined. null for no values. */
export function quantileEdges(values: ArrayLike<number>, bins: number): number[] | null {
  checkWhole(bins, 'bins', 1);
  const sorted = sortedCopy(values);
  const n = sorted.length;
  if (n === 0) return null;
  const edges = Array.from({ length: bins + 1 }, (_, at) => quantileOf(sorted, at / bins)).filter((edge, at, all) => at === 0 || edge > (all[at - 1] as number));
  return edges.length < 2 ? equalWidthEdges(edges[0] as number, edges[0] as number, 1) : edges;
}

/** The q-quantile of a sorted sample, linear interpolation (type 7). */
export function quantileOf(sorted: Float64Array, q: number): number {
  const place = (sorted.length - 1) * q;
  const at = Math.floor(place);
  const low = sorted[at] as number;
  const high = sorted[Math.min(at + 1, sorted.length - 1)] as number;
  const share = place - at;
  return share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share;
}

/** The bin [edge, edge) of a value within the edges; the last bin is closed. */
export function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) <= value) low = middle;
    else high = middle;
  }
  return low;
}
