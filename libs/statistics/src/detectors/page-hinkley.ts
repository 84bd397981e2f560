import { checkPositive, checkRange, checkWhole } from '../checks.ts';
import type { Method } from '../method.ts';
import type { DetectorReading, Seen } from './reading.ts';
import { UNSEEN, batchOf, readingOf } from './reading.ts';

export const PAGE_HINKLEY: Method = { name: 'page-hinkley', kind: 'change-detector', direction: 'both', needs: 'stream', citation: 'Page (1954); Hinkley (1971); with fading sums as River' };

/** Which moves of the mean count. */
export type Mode = 'up' | 'down' | 'both';

export interface PageHinkleyOptions {
  /** No change within the first `warmUp` values. */
  readonly warmUp?: number;
  /** Moves of this size are tolerated; in units of a value. */
  readonly delta?: number;
  /** λ: how far the sum may rise above its least. */
  readonly threshold?: number;
  /** How much of a sum stays from one value to the next, in (0, 1]. */
  readonly keep?: number;
  readonly mode?: Mode;
}

/** JSON. */
export interface PageHinkleyState extends Seen {
  readonly options: Required<PageHinkleyOptions>;
  readonly since: number;
  readonly mean: number;
  readonly up: number;
  readonly down: number;
  /** Least of `up` and most of `down`; null before the first value. */
  readonly least: number | null;
  readonly most: number | null;
  readonly drift: boolean;
}

export function startPageHinkley(options: PageHinkleyOptions = {}): PageHinkleyState {
  const full = { warmUp: 30, delta: 0.005, threshold: 50, keep: 1 - 0.0001, mode: 'both' as const, ...options };
  checkWhole(full.warmUp, 'warmUp', 1);
  checkRange(full.delta, 'delta', 0, Number.MAX_VALUE);
  checkPositive(full.threshold, 'threshold');
  checkPositive(full.keep, 'keep');
  checkRange(full.keep, 'keep', 0, 1);
  return { ...UNSEEN, options: full, since: 0, mean: 0, up: 0, down: 0, least: null, most: null, drift: false };
}

/** @throws MettleError INVALID_INPUT for values that are not finite */
export function updatePageHinkley(state: PageHinkleyState, values: number | ArrayLike<number>): PageHinkleyState {
  const batch = batchOf(values);
  const { warmUp, delta, threshold, keep, mode } = state.options;
  let { since, mean, up, down, least, most, drift } = state;
  const changes: number[] = [];
  for (let at = 0; at < batch.length; at += 1) {
    if (drift) {
      since = mean = up = down = 0;
      least = most = null;
      drift = false;
    }
    since += 1;
    const value = batch[at] as number;
    mean += (value - mean) / since;
    up = keep * up + value - mean - delta;
    down = keep * down + value - mean + delta;
    least = least === null ? up : Math.min(least, up);
    most = most === null ? down : Math.max(most, down);
    if (since >= warmUp) drift = (mode !== 'down' && up - least > threshold) || (mode !== 'up' && most - down > threshold);
    if (drift) changes.push(state.n + at);
  }
  return { v: 1, options: state.options, n: state.n + batch.length, detections: state.detections + changes.length, changes, warnings: [], since, mean, up, down, least, most, drift };
}

export const readPageHinkley = (state: PageHinkleyState): DetectorReading => readingOf(state, state.since > 0 ? state.mean : null);
