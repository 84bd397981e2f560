import { MettleError } from '@mettle/contracts';
import { checkFinite, checkPaired } from '../checks.ts';
import type { Method } from '../method.ts';

export const ISOTONIC: Method = { name: 'isotonic-regression', kind: 'estimate', direction: 'none', needs: 'scores', citation: 'Ayer et al. (1955), pool adjacent violators; as sklearn.isotonic.IsotonicRegression(out_of_bounds="clip")' };

/** A rising step function with straight lines between its knots; JSON. */
export interface IsotonicFit {
  /** Rising. */
  readonly x: readonly number[];
  /** Never falling, as long as x. */
  readonly y: readonly number[];
}

/**
 * Least-squares fit of a never-falling function to `targets` over `scores` by pooling adjacent violators, O(n log n).
 * Equal scores are one point with the mean of their targets. null for no rows.
 * @throws MettleError INVALID_INPUT for unequal lengths and values that are not finite
 */
export function isotonicFit(scores: ArrayLike<number>, targets: ArrayLike<number>): IsotonicFit | null {
  checkPaired(scores, targets, 'scores and targets');
  checkFinite(scores, 'scores');
  checkFinite(targets, 'targets');
  const n = scores.length;
  if (n === 0) return null;
  const order = Uint32Array.from({ length: n }, (_, at) => at).sort((a, b) => (scores[a] as number) - (scores[b] as number));
  const x: number[] = [];
  // Blocks of equal fitted value: Σ target, rows, and how many distinct scores they span.
  const sums: number[] = [];
  const rows: number[] = [];
  const spans: number[] = [];
  for (let from = 0; from < n; ) {
    const score = scores[order[from] as number] as number;
    let to = from;
    let sum = 0;
    while (to < n && scores[order[to] as number] === score) { sum += targets[order[to] as number] as number; to += 1; }
    x.push(score);
    sums.push(sum);
    rows.push(to - from);
    spans.push(1);
    from = to;
    for (let last = sums.length - 1; last > 0 && (sums[last - 1] as number) * (rows[last] as number) >= (sums[last] as number) * (rows[last - 1] as number); last -= 1) {
      sums[last - 1] = (sums[last - 1] as number) + (sums.pop() as number);
      rows[last - 1] = (rows[last - 1] as number) + (rows.pop() as number);
      spans[last - 1] = (spans[last - 1] as number) + (spans.pop() as number);
    }
  }
  // Only the ends of a flat stretch are knots.
  const knots: { x: number[]; y: number[] } = { x: [], y: [] };
  for (let block = 0, at = 0; block < sums.length; at += spans[block] as number, block += 1) {
    const value = (sums[block] as number) / (rows[block] as number);
    const last = at + (spans[block] as number) - 1;
    knots.x.push(x[at] as number);
    knots.y.push(value);
    if (last > at) { knots.x.push(x[last] as number); knots.y.push(value); }
  }
  return knots;
}

/** The fitted value at a score: a straight line between knots, the end values beyond them. @throws MettleError INVALID_INPUT for NaN */
export function isotonicAt({ x, y }: IsotonicFit, score: number): number {
  if (Number.isNaN(score)) throw new MettleError('INVALID_INPUT', 'a score is a number', { score: 'NaN' });
  const last = x.length - 1;
  if (score <= (x[0] as number)) return y[0] as number;
  if (score >= (x[last] as number)) return y[last] as number;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((x[middle] as number) <= score) low = middle;
    else high = middle;
  }
  const from = x[low] as number;
  return (y[low] as number) + (((y[high] as number) - (y[low] as number)) * (score - from)) / ((x[high] as number) - from);
}
