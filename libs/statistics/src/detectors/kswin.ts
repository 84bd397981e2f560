import { MettleError } from '@mettle/contracts';
import { checkAlpha, checkWhole } from '../checks.ts';
import type { Method } from '../method.ts';
import { createRandom } from '../random.ts';
import { ksExactSf, ksStatistic } from '../two-sample/ks.ts';
import type { DetectorReading, Seen } from './reading.ts';
import { UNSEEN, batchOf, readingOf } from './reading.ts';

export const KSWIN: Method = { name: 'kswin', kind: 'change-detector', direction: 'larger', needs: 'stream', citation: 'Raab, Heusinger & Schleif (2020); defaults as River' };

export interface KswinOptions {
  /** Of one test; there is one at every value, so the false alarms of a stream are many more. */
  readonly alpha?: number;
  readonly window?: number;
  /** The most recent values, tested against as many drawn from the older ones. */
  readonly recent?: number;
  readonly seed?: number;
}

/** JSON: the window, oldest first. Each test draws from a generator seeded by (seed, index), so nothing of it need be kept. */
export interface KswinState extends Seen { readonly options: Required<KswinOptions>; readonly values: readonly number[]; readonly pValue: number | null }

const LEAST_DISTANCE = 0.1;

/** @throws MettleError INVALID_INPUT when the older part holds fewer values than the recent one */
export function startKswin(options: KswinOptions = {}): KswinState {
  const full = { alpha: 0.005, window: 100, recent: 30, seed: 1, ...options };
  checkAlpha(full.alpha);
  checkWhole(full.recent, 'recent', 2);
  checkWhole(full.window, 'window', 2);
  checkWhole(full.seed, 'seed');
  if (full.window < 2 * full.recent) throw new MettleError('INVALID_INPUT', 'the window holds the recent values at least twice', { window: full.window, recent: full.recent });
  return { ...UNSEEN, options: full, values: [], pValue: null };
}

/** After a change the window keeps its recent part, as in the paper (River empties it). @throws MettleError INVALID_INPUT for values that are not finite */
export function updateKswin(state: KswinState, values: number | ArrayLike<number>): KswinState {
  const batch = batchOf(values);
  const { alpha, window, recent, seed } = state.options;
  const all = new Float64Array(state.values.length + batch.length);
  all.set(state.values);
  all.set(batch, state.values.length);
  const older = new Int32Array(window - recent);
  const drawn = new Float64Array(recent);
  const changes: number[] = [];
  let from = 0;
  let { pValue } = state;
  for (let at = 0; at < batch.length; at += 1) {
    const to = state.values.length + at + 1;
    if (to - from < window) continue;
    from = to - window;
    sample(older, drawn, all.subarray(from, to - recent), seed, state.n + at);
    const d = ksStatistic(drawn.sort(), all.slice(to - recent, to).sort());
    pValue = ksExactSf(d, recent, recent);
    if (pValue > alpha || d <= LEAST_DISTANCE) continue;
    changes.push(state.n + at);
    from = to - recent;
  }
  return { v: 1, options: state.options, n: state.n + batch.length, detections: state.detections + changes.length, changes, warnings: [], values: Array.from(all.subarray(Math.max(from, all.length - window))), pValue };
}

/** Fills `drawn` with distinct places of `from` (the start of a Fisher-Yates shuffle). */
function sample(places: Int32Array, drawn: Float64Array, from: Float64Array, seed: number, index: number): void {
  const random = createRandom((Math.imul(seed, 0x9e3779b1) ^ index) >>> 0);
  for (let k = 0; k < places.length; k += 1) places[k] = k;
  for (let k = 0; k < drawn.length; k += 1) {
    const other = k + random.below(places.length - k);
    const place = places[other] as number;
    places[other] = places[k] as number;
    places[k] = place;
    drawn[k] = from[place] as number;
  }
}

/** `pValue` is of the last test, null before the first. */
export function readKswin(state: KswinState): DetectorReading & { readonly pValue: number | null } {
  const { values } = state;
  return { ...readingOf(state, values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length), pValue: state.pValue };
}
