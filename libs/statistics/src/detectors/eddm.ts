import { MettleError } from '@mettle/contracts';
import { checkRange, checkWhole } from '../checks.ts';
import type { Method } from '../method.ts';
import { errorsOf } from './ddm.ts';
import type { DetectorReading, Seen } from './reading.ts';
import { UNSEEN, readingOf } from './reading.ts';

export const EDDM: Method = { name: 'eddm', kind: 'change-detector', direction: 'smaller', needs: 'stream', citation: 'Baena-García et al. (2006); defaults as River' };

export interface EddmOptions {
  /** No change within the first `warmUp` errors. */
  readonly warmUp?: number;
  /** Shares of the largest (mean distance + 2 deviations) below which there is a warning, or a change. */
  readonly warning?: number;
  readonly drift?: number;
}

/** JSON. Moments are of the distances between errors, in values; `most` is the largest mean + 2 deviations. */
export interface EddmState extends Seen {
  readonly options: Required<EddmOptions>;
  readonly since: number;
  readonly errors: number;
  readonly lastError: number;
  readonly mean: number;
  readonly squares: number;
  readonly most: number;
  readonly warning: boolean;
  readonly drift: boolean;
}

const FRESH = { since: 0, errors: 0, lastError: 0, mean: 0, squares: 0, most: -1, warning: false, drift: false };

export function startEddm(options: EddmOptions = {}): EddmState {
  const full = { warmUp: 30, warning: 0.95, drift: 0.9, ...options };
  checkWhole(full.warmUp, 'warmUp', 1);
  checkRange(full.drift, 'drift', 0, 1);
  checkRange(full.warning, 'warning', 0, 1);
  if (full.warning < full.drift) throw new MettleError('INVALID_INPUT', 'a warning comes before a change', { warning: full.warning, drift: full.drift });
  return { ...UNSEEN, options: full, ...FRESH };
}

/** Values are 1 for an error and 0 for none. @throws MettleError INVALID_INPUT for anything else */
export function updateEddm(state: EddmState, values: number | ArrayLike<number>): EddmState {
  const batch = errorsOf(values);
  const { warmUp, warning: warnBelow, drift: driftBelow } = state.options;
  let { since, errors, lastError, mean, squares, most, warning, drift } = state;
  const changes: number[] = [];
  const warnings: number[] = [];
  for (let at = 0; at < batch.length; at += 1) {
    if (drift) ({ since, errors, lastError, mean, squares, most, warning, drift } = FRESH);
    since += 1;
    if (batch[at] === 1) {
      errors += 1;
      const distance = since - lastError;
      const before = mean;
      mean += (distance - mean) / errors;
      squares += (distance - before) * (distance - mean);
      lastError = since;
      if (since > warmUp) {
        const reach = mean + 2 * Math.sqrt(errors > 1 ? squares / (errors - 1) : 0);
        if (reach > most) most = reach;
        else if (errors > warmUp) {
          // As River: a warning stands until an error clears it, also through a change.
          if (reach / most < driftBelow) drift = true;
          else warning = reach / most < warnBelow;
        }
      }
    }
    if (drift) changes.push(state.n + at);
    if (warning) warnings.push(state.n + at);
  }
  return { v: 1, options: state.options, n: state.n + batch.length, detections: state.detections + changes.length, changes, warnings, since, errors, lastError, mean, squares, most, warning, drift };
}

/** The estimate is the error rate since the last change. */
export const readEddm = (state: EddmState): DetectorReading => readingOf(state, state.since > 0 ? state.errors / state.since : null);
