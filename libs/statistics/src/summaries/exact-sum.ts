/**
 * A sum of doubles without rounding: a short list of doubles that do not overlap and whose exact sum is the sum of all
 * that was added. Read it with {@link valueOf}. In canonical form (see {@link canonical}) equal sums are equal lists,
 * whatever the order and grouping of the additions.
 * @see Shewchuk (1997), Adaptive precision floating-point arithmetic
 */
export type ExactSum = number[];

/** Adds `x` in place. */
export function addExact(sum: ExactSum, x: number): void {
  let kept = 0;
  let rest = x;
  for (let at = 0; at < sum.length; at += 1) {
    let part = sum[at] as number;
    if (Math.abs(rest) < Math.abs(part)) { const swap = rest; rest = part; part = swap; }
    const high = rest + part;
    const low = part - (high - rest);
    if (low !== 0) { sum[kept] = low; kept += 1; }
    rest = high;
  }
  sum[kept] = rest;
  // Setting a length costs even when it stays.
  if (sum.length > kept + 1) sum.length = kept + 1;
}

/** Adds x² exactly, as its rounded value and the error of that rounding (Dekker's split). */
export function addSquare(sum: ExactSum, x: number): void {
  const square = x * x;
  const c = 134_217_729 * x;
  const high = c - (c - x);
  const low = x - high;
  const error = high * high - square + 2 * high * low + low * low;
  addExact(sum, square);
  if (error !== 0) addExact(sum, error);
}

/** Adds xy exactly, as its rounded value and the error of that rounding (Dekker's split). */
function addProduct(sum: ExactSum, x: number, y: number): void {
  const product = x * y;
  const cx = 134_217_729 * x;
  const cy = 134_217_729 * y;
  const xh = cx - (cx - x);
  const yh = cy - (cy - y);
  addExact(sum, product);
  addExact(sum, xh * yh - product + xh * (y - yh) + (x - xh) * yh + (x - xh) * (y - yh));
}

/** Σ (x - mean)² of n values from the exact Σ x and Σ x²: n Σx² - (Σx)² is expanded and summed exactly, so nothing cancels. */
export function squaredDeviations(n: number, sum: readonly number[], squares: readonly number[]): number {
  const total: ExactSum = [];
  for (const square of squares) addProduct(total, n, square);
  for (const left of sum) for (const right of sum) addProduct(total, -left, right);
  return Math.max(0, valueOf(total)) / n;
}

/** The sum, correctly rounded up to ties between doubles. */
export function valueOf(sum: ExactSum): number {
  let total = 0;
  for (let at = sum.length - 1; at >= 0; at -= 1) {
    const before = total;
    total += sum[at] as number;
    const lost = (sum[at] as number) - (total - before);
    if (lost !== 0) return correctTie(sum, at, total, lost);
  }
  return total;
}

/** Half-way cases look at the sign of what is left, as Python's fsum. */
function correctTie(sum: ExactSum, at: number, total: number, lost: number): number {
  const next = sum[at - 1];
  if (at > 0 && next !== undefined && ((lost < 0 && next < 0) || (lost > 0 && next > 0))) {
    const twice = lost * 2;
    const moved = total + twice;
    if (twice === moved - total) return moved;
  }
  return total;
}

/** The one list for this sum: its rounded value, then the rounded rest, and so on; smallest first. */
export function canonical(sum: ExactSum): ExactSum {
  const rest = [...sum];
  const parts: number[] = [];
  for (let k = 0; k < 50; k += 1) {
    const value = valueOf(rest);
    if (value === 0) break;
    parts.push(value);
    addExact(rest, -value);
  }
  return parts.reverse();
}

/** a + b, canonical. */
export function mergeExact(a: ExactSum, b: ExactSum): ExactSum {
  const sum = [...a];
  for (const part of b) addExact(sum, part);
  return canonical(sum);
}
