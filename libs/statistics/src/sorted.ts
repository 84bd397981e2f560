import { checkFinite } from './checks.ts';

/** A sorted copy. @throws MettleError INVALID_INPUT for NaN and infinities */
export function sortedCopy(values: ArrayLike<number>, name = 'values'): Float64Array {
  checkFinite(values, name);
  return Float64Array.from(values).sort();
}

/** Midranks (from 1) of values that need not be sorted, and the sizes of groups of ties. */
export function midranks(values: ArrayLike<number>): { ranks: Float64Array; ties: number[] } {
  const n = values.length;
  const order = Uint32Array.from({ length: n }, (_, at) => at).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float64Array(n);
  const ties: number[] = [];
  for (let from = 0; from < n; ) {
    let to = from + 1;
    const value = values[order[from] as number];
    while (to < n && values[order[to] as number] === value) to += 1;
    for (let k = from; k < to; k += 1) ranks[order[k] as number] = (from + to + 1) / 2;
    ties.push(to - from);
    from = to;
  }
  return { ranks, ties };
}

/** Mean and the sum of squared deviations, two passes, from the first value on: a constant sample has exactly 0. */
export function centred(values: ArrayLike<number>): { mean: number; squares: number } {
  const n = values.length;
  const first = n > 0 ? (values[0] as number) : 0;
  let mean = 0;
  for (let at = 0; at < n; at += 1) mean += (values[at] as number) - first;
  mean = first + mean / n;
  let squares = 0;
  let drift = 0;
  for (let at = 0; at < n; at += 1) {
    const d = (values[at] as number) - mean;
    squares += d * d;
    drift += d;
  }
  return { mean, squares: squares - (drift * drift) / n };
}

/** Whether all values are the same one. */
export const isConstant = (values: ArrayLike<number>): boolean => {
  for (let at = 1; at < values.length; at += 1) if (values[at] !== values[0]) return false;
  return true;
};
