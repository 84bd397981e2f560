import { checkAlpha, checkRange, checkWhole } from '../checks.ts';
import type { Method } from '../method.ts';
import type { Bounds } from './bounds.ts';
import { checkBounds, checkWithin } from './bounds.ts';
import type { Looks, Reading } from './reading.ts';
import { NO_LOOKS, logMeanOf, look, noReading, reading } from './reading.ts';

export const BETTING: Method = { name: 'hedged-betting', kind: 'anytime-valid', direction: 'both', needs: 'stream', citation: 'Waudby-Smith & Ramdas (2024), hedged capital with the predictable plug-in bet, as confseq' };

export interface BettingOptions {
  readonly alpha: number;
  readonly bounds: Bounds;
  /** Candidate means between the bounds, 200 by default: the interval is as wide as the grid is coarse. */
  readonly grid?: number;
  readonly against: number;
}

/** JSON; order matters, so states do not merge. `up` and `down` are ln capital at each candidate; the last one is `against`. */
export interface BettingState {
  readonly v: 1;
  readonly options: BettingOptions;
  readonly n: number;
  readonly sum: number;
  /** Sum of squared deviations from the running mean, on the unit scale. */
  readonly squares: number;
  readonly up: readonly number[];
  readonly down: readonly number[];
  readonly looks: Looks;
}

export function startBetting(options: BettingOptions): BettingState {
  checkAlpha(options.alpha);
  checkBounds(options.bounds);
  checkWhole(options.grid ?? 200, 'grid', 2);
  checkRange(options.against, 'against', options.bounds.low, options.bounds.high);
  const flat = new Array<number>((options.grid ?? 200) + 1).fill(0);
  return { v: 1, options, n: 0, sum: 0, squares: 0, up: flat, down: flat, looks: NO_LOOKS };
}

/** Candidate means on the unit scale: the middles of `grid` cells, then the null. */
const candidates = ({ bounds, grid = 200, against }: BettingOptions): Float64Array => Float64Array.from({ length: grid + 1 }, (_, at) => (at < grid ? (at + 0.5) / grid : (against - bounds.low) / (bounds.high - bounds.low)));

/** One look, after the batch. O(batch x grid). @throws MettleError INVALID_INPUT for a value outside the bounds */
export function updateBetting(state: BettingState, batch: ArrayLike<number>): BettingState {
  const { options } = state;
  checkWithin(batch, options.bounds);
  const { low, high } = options.bounds;
  const means = candidates(options);
  const size = means.length;
  const up = Float64Array.from(state.up);
  const down = Float64Array.from(state.down);
  const capitalUp = new Float64Array(size).fill(1);
  const capitalDown = new Float64Array(size).fill(1);
  // The caps keep each factor within [½, size]: sixteen of them neither overflow nor underflow.
  const bank = (): void => {
    for (let at = 0; at < size; at += 1) {
      up[at] = (up[at] as number) + Math.log(capitalUp[at] as number);
      down[at] = (down[at] as number) + Math.log(capitalDown[at] as number);
      capitalUp[at] = 1;
      capitalDown[at] = 1;
    }
  };
  let { n, sum, squares } = state;
  const stake = 2 * Math.log(2 / options.alpha);
  for (let k = 0; k < batch.length; k += 1) {
    const x = ((batch[k] as number) - low) / (high - low);
    const t = n + 1;
    const variance = (0.25 + squares) / t;
    const bet = Math.sqrt(stake / (variance * t * Math.log(1 + t)));
    for (let at = 0; at < size; at += 1) {
      const m = means[at] as number;
      const gain = x - m;
      capitalUp[at] = (capitalUp[at] as number) * (1 + Math.min(bet, 0.5 / m) * gain);
      capitalDown[at] = (capitalDown[at] as number) * (1 - Math.min(bet, 0.5 / (1 - m)) * gain);
    }
    sum += x;
    n = t;
    squares += (x - (0.5 + sum) / (n + 1)) ** 2;
    if (k % 16 === 15) bank();
  }
  bank();
  if (n === 0) return state;
  const limit = Math.log(1 / options.alpha);
  const cells = size - 1;
  let first = -1;
  let last = -1;
  let flip = 0;
  for (let at = 0; at < cells; at += 1) {
    // K+ falls and K- rises in m: where they meet lies the interval, even when it is narrower than a cell.
    if ((up[at] as number) > (down[at] as number)) flip = at + 1;
    if (logMeanOf(up[at] as number, down[at] as number) >= limit) continue;
    if (first < 0) first = at;
    last = at;
  }
  const width = (high - low) / cells;
  // The ends are the nearest middles that are excluded, so the interval is never too narrow for its grid.
  const from = low + Math.max(0, (first < 0 ? flip : first) - 0.5) * width;
  const to = low + Math.min(cells, (first < 0 ? flip : last + 1) + 0.5) * width;
  return { v: 1, options, n, sum, squares, up: Array.from(up), down: Array.from(down), looks: look(state.looks, logMeanOf(up[size - 1] as number, down[size - 1] as number), from, to) };
}

export function readBetting({ options, n, sum, up, down, looks }: BettingState): Reading {
  if (n === 0) return noReading(0, 'EMPTY_SAMPLE');
  const { low, high } = options.bounds;
  return reading(n, low + ((high - low) * sum) / n, logMeanOf(up[up.length - 1] ?? 0, down[down.length - 1] ?? 0), looks);
}
