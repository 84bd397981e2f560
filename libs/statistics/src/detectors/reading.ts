import { checkFinite } from '../checks.ts';

/** What every detector's state holds beside its own sums: JSON, and bounded by the last batch. */
export interface Seen {
  readonly v: 1;
  /** Values so far; the first has index 0. */
  readonly n: number;
  readonly detections: number;
  /** Indices, over the whole stream, at which the last batch brought a change. */
  readonly changes: readonly number[];
  /** Indices of the last batch inside a warning zone; empty for detectors that have none. */
  readonly warnings: readonly number[];
}

/** What a detector knows now. A detector has no error rate that holds for every stream: see the calibration table. */
export interface DetectorReading {
  readonly n: number;
  readonly detections: number;
  readonly changes: readonly number[];
  readonly warnings: readonly number[];
  /** The mean since the last change, null before the first value after it. */
  readonly estimate: number | null;
}

export const UNSEEN: Seen = { v: 1, n: 0, detections: 0, changes: [], warnings: [] };

export const readingOf = ({ n, detections, changes, warnings }: Seen, estimate: number | null): DetectorReading => ({ n, detections, changes, warnings, estimate });

/** One value is a batch of one. @throws MettleError INVALID_INPUT for values that are not finite */
export function batchOf(values: number | ArrayLike<number>): ArrayLike<number> {
  const batch = typeof values === 'number' ? [values] : values;
  checkFinite(batch, 'batch');
  return batch;
}
