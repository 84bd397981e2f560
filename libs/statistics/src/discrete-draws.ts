import { logGamma } from './gamma.ts';
import type { Random } from './random.ts';

const SMALL = Float64Array.from({ length: 256 }, (_, k) => logGamma(k + 1));

/** ln k! for whole k: a table, then Stirling's series to about 1e-15 of the value. */
function logFactorial(k: number): number {
  if (k < SMALL.length) return SMALL[k] as number;
  const r = 1 / (k * k);
  return (k + 0.5) * Math.log(k) - k + 0.918938533204672741780329736406 + (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / k;
}

/**
 * Inversion from the mode outwards: expected steps are about the standard deviation. `up(k)` is P(k + 1) / P(k), and
 * `down(k)` is P(k - 1) / P(k).
 */
function fromMode(random: Random, mode: number, mass: number, low: number, high: number, up: (k: number) => number, down: (k: number) => number): number {
  let u = random.next() - mass;
  if (u < 0) return mode;
  let above = mode;
  let below = mode;
  let massAbove = mass;
  let massBelow = mass;
  for (;;) {
    if (above < high) {
      massAbove *= up(above);
      above += 1;
      u -= massAbove;
      if (u < 0) return above;
    }
    if (below > low) {
      massBelow *= down(below);
      below -= 1;
      u -= massBelow;
      if (u < 0) return below;
    }
    // What rounding left of the unit mass falls to the mode.
    if (above >= high && below <= low) return mode;
  }
}

/** A draw from Binomial(n, p). */
export function drawBinomial(random: Random, n: number, p: number): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  const odds = p / (1 - p);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const mass = Math.exp(logFactorial(n) - logFactorial(mode) - logFactorial(n - mode) + mode * Math.log(p) + (n - mode) * Math.log1p(-p));
  return fromMode(random, mode, mass, 0, n, (k) => ((n - k) / (k + 1)) * odds, (k) => k / ((n - k + 1) * odds));
}

/** How many of `draws` rows are marked, taken without replacement from `marked` and `plain` ones. */
export function drawHypergeometric(random: Random, marked: number, plain: number, draws: number): number {
  const low = Math.max(0, draws - plain);
  const high = Math.min(draws, marked);
  if (low === high) return low;
  const all = marked + plain;
  const mode = Math.floor(((draws + 1) * (marked + 1)) / (all + 2));
  const choose = (of: number, k: number): number => logFactorial(of) - logFactorial(k) - logFactorial(of - k);
  const mass = Math.exp(choose(marked, mode) + choose(plain, draws - mode) - choose(all, draws));
  const rest = plain - draws;
  return fromMode(random, mode, mass, low, high, (k) => ((marked - k) * (draws - k)) / ((k + 1) * (rest + k + 1)), (k) => (k * (rest + k)) / ((marked - k + 1) * (draws - k + 1)));
}

/** Fills `out` with the counts of `size` independent rows over `shares`, which sum to one. */
export function drawMultinomial(random: Random, shares: ArrayLike<number>, size: number, out: number[]): void {
  let rows = size;
  let mass = 1;
  const last = shares.length - 1;
  for (let at = 0; at < last; at += 1) {
    const share = shares[at] as number;
    const count = drawBinomial(random, rows, mass > 0 ? Math.min(1, share / mass) : 0);
    out[at] = count;
    rows -= count;
    mass -= share;
  }
  out[last] = rows;
}

/** Deals `size` of the pooled rows, whose counts are `totals`, to `out` and the others to `rest`: one permutation of rows. */
export function dealCounts(random: Random, totals: readonly number[], size: number, out: number[], rest: number[]): void {
  let rows = size;
  let left = totals.reduce((sum, total) => sum + total, 0);
  for (let at = 0; at < totals.length; at += 1) {
    const total = totals[at] as number;
    left -= total;
    const count = drawHypergeometric(random, total, left, rows);
    out[at] = count;
    rest[at] = total - count;
    rows -= count;
  }
}
