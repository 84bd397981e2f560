import { checkFinite, checkPositive, checkRange, checkWhole } from '../checks.ts';
import type { Method } from '../method.ts';
import type { Mode } from './page-hinkley.ts';
import type { DetectorReading, Seen } from './reading.ts';
import { UNSEEN, batchOf, readingOf } from './reading.ts';

export const CUSUM: Method = { name: 'cusum', kind: 'change-detector', direction: 'both', needs: 'stream', citation: 'Page (1954), tabular CUSUM; self-starting reference as River' };

export interface CusumOptions {
  /** Values from which mean and standard deviation are taken, then frozen; unused with a `reference`. At least 2. */
  readonly warmUp?: number;
  /** k and h, in standard deviations of the reference. */
  readonly slack?: number;
  readonly threshold?: number;
  readonly mode?: Mode;
  /** Known mean and standard deviation, e.g. of a reference profile. */
  readonly reference?: { readonly mean: number; readonly sd: number } | null;
}

/** JSON. Moments are of the values since the last change. */
export interface CusumState extends Seen {
  readonly options: Required<CusumOptions>;
  readonly since: number;
  readonly mean: number;
  readonly squares: number;
  readonly reference: { readonly mean: number; readonly sd: number } | null;
  readonly up: number;
  readonly down: number;
  readonly drift: boolean;
}

export function startCusum(options: CusumOptions = {}): CusumState {
  const full = { warmUp: 30, slack: 0.5, threshold: 5, mode: 'both' as const, reference: null, ...options };
  checkWhole(full.warmUp, 'warmUp', 2);
  checkRange(full.slack, 'slack', 0, Number.MAX_VALUE);
  checkPositive(full.threshold, 'threshold');
  if (full.reference !== null) {
    checkFinite([full.reference.mean], 'reference.mean');
    checkPositive(full.reference.sd, 'reference.sd');
  }
  return { ...UNSEEN, options: full, since: 0, mean: 0, squares: 0, reference: full.reference, up: 0, down: 0, drift: false };
}

/** A warm-up without variance makes every later deviation a change. @throws MettleError INVALID_INPUT for values that are not finite */
export function updateCusum(state: CusumState, values: number | ArrayLike<number>): CusumState {
  const batch = batchOf(values);
  const { warmUp, slack, threshold, mode, reference: known } = state.options;
  let { since, mean, squares, reference, up, down, drift } = state;
  const changes: number[] = [];
  for (let at = 0; at < batch.length; at += 1) {
    if (drift) {
      since = mean = squares = up = down = 0;
      reference = known;
      drift = false;
    }
    since += 1;
    const value = batch[at] as number;
    const before = mean;
    mean += (value - mean) / since;
    squares += (value - before) * (value - mean);
    if (reference === null && since < warmUp) continue;
    reference ??= { mean, sd: Math.sqrt(Math.max(0, squares / (since - 1))) };
    const deviation = value - reference.mean;
    up = Math.max(0, up + deviation - slack * reference.sd);
    down = Math.max(0, down - deviation - slack * reference.sd);
    drift = (mode !== 'down' && up > threshold * reference.sd) || (mode !== 'up' && down > threshold * reference.sd);
    if (drift) changes.push(state.n + at);
  }
  return { v: 1, options: state.options, n: state.n + batch.length, detections: state.detections + changes.length, changes, warnings: [], since, mean, squares, reference, up, down, drift };
}

export const readCusum = (state: CusumState): DetectorReading => readingOf(state, state.since > 0 ? state.mean : null);
