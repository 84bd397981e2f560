import type { TimeUs } from '@mettle/contracts';
import { checkPaired } from '@mettle/statistics';
import type { Evaluator, ScoredRows } from './metrics/metric.ts';
import { slotOf } from './slot-series.ts';

/** The sufficient statistics of one segment in one slot. */
export interface Cell<Sums> {
  /** `column=value`; null: all rows. */
  readonly segment: string | null;
  /** Start of the slot; null when rows are not cut by time. */
  readonly at: TimeUs | null;
  readonly sums: Sums;
}

export interface Cuts {
  /** T of each row and the width of a slot, µs. */
  readonly slots?: { readonly at: ArrayLike<TimeUs>; readonly width: number };
  /** Columns whose values are segments; a null value is the segment `column=null`. */
  readonly segments?: Readonly<Record<string, ArrayLike<string | number | boolean | null>>>;
}

/**
 * Sums of every segment and slot that has rows: those of all rows first, then by segment, in slot order. Each row counts
 * once for all rows and once for each column.
 * @throws MettleError INVALID_INPUT for columns of different lengths, and what the evaluator throws
 */
export function cutCells<Sums>(evaluator: Evaluator<Sums>, rows: ScoredRows, cuts: Cuts): Cell<Sums>[] {
  const groups = new Map<string, { segment: string | null; at: TimeUs | null; rows: number[] }>();
  const n = rows.labels.length;
  if (cuts.slots !== undefined) checkPaired(rows.labels, cuts.slots.at, 'labels and times');
  const collect = (segmentOf: (row: number) => string | null): void => {
    for (let row = 0; row < n; row += 1) {
      const segment = segmentOf(row);
      const at = cuts.slots === undefined ? null : slotOf(cuts.slots.at[row] as number, cuts.slots.width);
      const key = JSON.stringify([segment, at]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { segment, at, rows: [row] });
      else group.rows.push(row);
    }
  };
  collect(() => null);
  for (const [column, values] of Object.entries(cuts.segments ?? {})) {
    checkPaired(rows.labels, values, `labels and ${column}`);
    collect((row) => `${column}=${String(values[row])}`);
  }
  return inOrder([...groups.values()].map(({ segment, at, rows: only }) => ({ segment, at, sums: evaluator.sums(rows, only) })));
}

/** Cells of both parts: those of one segment and slot are merged. A month is the merge of its days. */
export function mergeCells<Sums>(evaluator: Evaluator<Sums>, ...parts: readonly (readonly Cell<Sums>[])[]): Cell<Sums>[] {
  const merged = new Map<string, Cell<Sums>>();
  for (const cell of parts.flat()) {
    const key = JSON.stringify([cell.segment, cell.at]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? cell : { ...cell, sums: evaluator.merge(known.sums, cell.sums) });
  }
  return inOrder([...merged.values()]);
}

/** The sums of one segment over the slots that begin in [from, to); null when it has no rows there. */
export function sumsWithin<Sums>(evaluator: Evaluator<Sums>, cells: readonly Cell<Sums>[], segment: string | null, range: { from: TimeUs; to: TimeUs }): Sums | null {
  const found = cells.filter((cell) => cell.segment === segment && cell.at !== null && cell.at >= range.from && cell.at < range.to);
  return found.slice(1).reduce<Sums | null>((sums, cell) => (sums === null ? cell.sums : evaluator.merge(sums, cell.sums)), found[0]?.sums ?? null);
}

const inOrder = <Sums>(cells: Cell<Sums>[]): Cell<Sums>[] =>
  cells.sort((a, b) => (a.segment === b.segment ? (a.at ?? 0) - (b.at ?? 0) : a.segment === null ? -1 : b.segment === null ? 1 : a.segment < b.segment ? -1 : 1));
