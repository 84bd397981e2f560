import { MettleError } from '@mettle/contracts';
import { checkAlpha, checkWhole } from '../checks.ts';
import type { Method } from '../method.ts';
import type { DetectorReading, Seen } from './reading.ts';
import { UNSEEN, batchOf, readingOf } from './reading.ts';

export const ADWIN: Method = { name: 'adwin', kind: 'change-detector', direction: 'both', needs: 'stream', citation: 'Bifet & Gavaldà (2007), ADWIN2; defaults and reset as River' };

export interface AdwinOptions {
  /** Confidence of one look, in (0, 1). */
  readonly delta?: number;
  /** Looks come every `clock` values. */
  readonly clock?: number;
  /** Buckets of one size before two merge. */
  readonly maxBuckets?: number;
  /** Shortest part that a cut may leave. */
  readonly minWindow?: number;
  readonly grace?: number;
  /** `reset` (River) starts an empty window after a change; `shrink` (the paper) keeps the recent part. */
  readonly afterChange?: 'reset' | 'shrink';
}

/** Buckets of 2^row values, oldest first: sums and summed squared deviations. */
interface Row { readonly sums: number[]; readonly squares: number[] }

/** JSON; O(maxBuckets log n) numbers. */
export interface AdwinState extends Seen {
  readonly options: Required<AdwinOptions>;
  readonly rows: readonly { readonly sums: readonly number[]; readonly squares: readonly number[] }[];
  readonly width: number;
  readonly sum: number;
  readonly squares: number;
  readonly tick: number;
}

const EMPTY = { rows: [{ sums: [], squares: [] }], width: 0, sum: 0, squares: 0, tick: 0 };

export function startAdwin(options: AdwinOptions = {}): AdwinState {
  const full = { delta: 0.002, clock: 32, maxBuckets: 5, minWindow: 5, grace: 10, afterChange: 'reset' as const, ...options };
  checkAlpha(full.delta);
  for (const name of ['clock', 'maxBuckets', 'minWindow'] as const) checkWhole(full[name], name, 1);
  checkWhole(full.grace, 'grace');
  // Two buckets of a size merge, so one must stay room for.
  if (full.maxBuckets < 2) throw new MettleError('INVALID_INPUT', 'maxBuckets is at least 2', { maxBuckets: full.maxBuckets });
  return { ...UNSEEN, options: full, ...EMPTY };
}

/** @throws MettleError INVALID_INPUT for values that are not finite */
export function updateAdwin(state: AdwinState, values: number | ArrayLike<number>): AdwinState {
  const batch = batchOf(values);
  const { options } = state;
  const window = new Window(state);
  const changes: number[] = [];
  // River empties the window with the first value after a change, so that the change can still be read.
  let pending = options.afterChange === 'reset' && state.width > 0 && state.changes.at(-1) === state.n - 1;
  for (let at = 0; at < batch.length; at += 1) {
    if (pending) window.clear();
    window.insert(batch[at] as number);
    const changed = window.looks();
    if (changed) changes.push(state.n + at);
    pending = changed && options.afterChange === 'reset';
  }
  if (batch.length === 0) return state;
  return { v: 1, options, n: state.n + batch.length, detections: state.detections + changes.length, changes, warnings: [], rows: window.rows, width: window.width, sum: window.sum, squares: window.squares, tick: window.tick };
}

export const readAdwin = (state: AdwinState): DetectorReading & { readonly width: number } => ({ ...readingOf(state, state.width > 0 ? state.sum / state.width : null), width: state.width });

/** The exponential histogram of one update; lives no longer than its batch. */
class Window {
  readonly #options: Required<AdwinOptions>;
  rows: Row[];
  width: number;
  sum: number;
  squares: number;
  tick: number;

  constructor({ options, rows, width, sum, squares, tick }: AdwinState) {
    this.#options = options;
    this.rows = rows.map((row) => ({ sums: [...row.sums], squares: [...row.squares] }));
    this.width = width;
    this.sum = sum;
    this.squares = squares;
    this.tick = tick;
  }

  clear(): void {
    this.rows = [{ sums: [], squares: [] }];
    this.width = this.sum = this.squares = this.tick = 0;
  }

  insert(value: number): void {
    (this.rows[0] as Row).sums.push(value);
    (this.rows[0] as Row).squares.push(0);
    if (this.width > 0) this.squares += (this.width * (value - this.sum / this.width) ** 2) / (this.width + 1);
    this.width += 1;
    this.sum += value;
    for (let row = 0; (this.rows[row] as Row).sums.length > this.#options.maxBuckets; row += 1) this.#compress(row);
  }

  /** The two oldest buckets of a row become one of the next. */
  #compress(row: number): void {
    const { sums, squares } = this.rows[row] as Row;
    const size = 2 ** row;
    const [a, b] = [sums[0] as number, sums[1] as number];
    const next = (this.rows[row + 1] ??= { sums: [], squares: [] });
    next.sums.push(a + b);
    next.squares.push((squares[0] as number) + (squares[1] as number) + (size / 2) * (a / size - b / size) ** 2);
    sums.splice(0, 2);
    squares.splice(0, 2);
  }

  /** Every `clock` values: drops the oldest bucket as long as some cut shows different means. */
  looks(): boolean {
    this.tick += 1;
    if (this.tick % this.#options.clock !== 0 || this.width <= this.#options.grace) return false;
    let changed = false;
    while (this.#cuts()) {
      this.#drop();
      changed = true;
    }
    return changed;
  }

  #drop(): void {
    const last = this.rows.length - 1;
    const row = this.rows[last] as Row;
    const size = 2 ** last;
    const sum = row.sums.shift() as number;
    this.width -= size;
    this.sum -= sum;
    this.squares -= (row.squares.shift() as number) + (size * this.width * (sum / size - this.sum / this.width) ** 2) / (size + this.width);
    if (row.sums.length === 0) this.rows.pop();
  }

  #cuts(): boolean {
    const { delta, minWindow } = this.#options;
    const log = Math.log((2 * Math.log(this.width)) / delta);
    const variance = this.squares / this.width;
    let older = 0;
    let olderSum = 0;
    for (let row = this.rows.length - 1; row >= 0; row -= 1) {
      const size = 2 ** row;
      const { sums } = this.rows[row] as Row;
      for (const sum of sums) {
        older += size;
        olderSum += sum;
        const newer = this.width - older;
        if (newer < minWindow) return false;
        if (older < minWindow) continue;
        const m = 1 / (older - minWindow + 1) + 1 / (newer - minWindow + 1);
        if (Math.abs(olderSum / older - (this.sum - olderSum) / newer) > Math.sqrt(2 * m * variance * log) + (2 / 3) * log * m) return true;
      }
    }
    return false;
  }
}
