import { checkFinite } from './checks.ts';
import { sortDoubles } from './radix-sort.ts';

/** A sorted copy; what is sorted already costs one reading. @throws MettleError INVALID_INPUT for NaN and infinities */
export function sortedCopy(values: ArrayLike<number>, name = 'values'): Float64Array {
  checkFinite(values, name);
  const copy = new Float64Array(values);
  return isAscending(copy) ? copy : sortDoubles(copy);
}

function isAscending(values: Float64Array): boolean {
  for (let at = 1; at < values.length; at += 1) if ((values[at] as number) < (values[at - 1] as number)) return false;
  return true;
}

/** Midranks (from 1) of values that need not be sorted, and the sizes of groups of ties. */
export function midranks(values: ArrayLike<number>): { ranks: Float64Array; ties: number[] } {
  const n = values.length;
  // Sorting the numbers themselves and looking each one up is several times faster than sorting their places.
  const sorted = Float64Array.from(values).sort();
  const distinct = new Float64Array(n);
  const rankOf = new Float64Array(n);
  const ties: number[] = [];
  for (let from = 0; from < n; ) {
    let to = from + 1;
    while (to < n && sorted[to] === sorted[from]) to += 1;
    distinct[ties.length] = sorted[from] as number;
    rankOf[ties.length] = (from + to + 1) / 2;
    ties.push(to - from);
    from = to;
  }
  const ranks = new Float64Array(n);
  for (let at = 0; at < n; at += 1) {
    const value = values[at] as number;
    let low = 0;
    let high = ties.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((distinct[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    ranks[at] = rankOf[low] as number;
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
