import { MettleError } from '@mettle/contracts';
import { checkPositive, checkWhole } from '../checks.ts';
import type { Method } from '../method.ts';
import type { DetectorReading, Seen } from './reading.ts';
import { UNSEEN, batchOf, readingOf } from './reading.ts';

export const DDM: Method = { name: 'ddm', kind: 'change-detector', direction: 'larger', needs: 'stream', citation: 'Gama, Medas, Castillo & Rodrigues (2004); defaults as River' };

export interface DdmOptions {
  /** No change within the first `warmUp` values. */
  readonly warmUp?: number;
  /** Standard deviations above the least error rate. */
  readonly warning?: number;
  readonly drift?: number;
}

/** JSON. `least` is the error rate and its deviation where their sum was least. */
export interface DdmState extends Seen {
  readonly options: Required<DdmOptions>;
  readonly since: number;
  readonly rate: number;
  readonly least: { readonly rate: number; readonly deviation: number } | null;
  readonly warning: boolean;
  readonly drift: boolean;
}

export function startDdm(options: DdmOptions = {}): DdmState {
  const full = { warmUp: 30, warning: 2, drift: 3, ...options };
  checkWhole(full.warmUp, 'warmUp', 1);
  checkPositive(full.warning, 'warning');
  checkPositive(full.drift, 'drift');
  return { ...UNSEEN, options: full, since: 0, rate: 0, least: null, warning: false, drift: false };
}

/** Values are 1 for an error and 0 for none. @throws MettleError INVALID_INPUT for anything else */
export function updateDdm(state: DdmState, values: number | ArrayLike<number>): DdmState {
  const batch = errorsOf(values);
  const { options } = state;
  let { since, rate, least, warning, drift } = state;
  const changes: number[] = [];
  const warnings: number[] = [];
  for (let at = 0; at < batch.length; at += 1) {
    if (drift) {
      since = rate = 0;
      least = null;
      warning = drift = false;
    }
    since += 1;
    rate += ((batch[at] as number) - rate) / since;
    if (since > options.warmUp) {
      const deviation = Math.sqrt((rate * (1 - rate)) / since);
      if (least === null || rate + deviation <= least.rate + least.deviation) least = { rate, deviation };
      drift = rate + deviation > least.rate + options.drift * least.deviation;
      warning = !drift && rate + deviation > least.rate + options.warning * least.deviation;
    }
    if (drift) changes.push(state.n + at);
    if (warning) warnings.push(state.n + at);
  }
  return { v: 1, options, n: state.n + batch.length, detections: state.detections + changes.length, changes, warnings, since, rate, least, warning, drift };
}

export const readDdm = (state: DdmState): DetectorReading => readingOf(state, state.since > 0 ? state.rate : null);

/** @throws MettleError INVALID_INPUT for values other than 0 and 1 */
export function errorsOf(values: number | ArrayLike<number>): ArrayLike<number> {
  const batch = batchOf(values);
  for (let at = 0; at < batch.length; at += 1) if (batch[at] !== 0 && batch[at] !== 1) throw new MettleError('INVALID_INPUT', 'an error is 1 and its absence 0', { at, value: String(batch[at]) });
  return batch;
}
