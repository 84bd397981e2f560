import type { Policy, SlotSeries, SlotSums } from '@mettle/contracts';
import { mergeSlots } from '@mettle/evaluation';

/** Segments below this share of the rows cannot move the whole by more than this share of their own effect. */
export const IMMATERIAL = 0.01;
/** The name of a column's pooled small values. */
export const REST = '*';

/** The name of a segment in a {@link SlotSeries}: `origin=JFK`. */
export const segmentName = (column: string, value: string): string => `${column}=${value}`;

export interface DeclaredSegment {
  readonly column: string;
  readonly name: string;
  readonly margin: number;
  readonly slots: readonly SlotSums[];
  readonly rows: number;
  readonly share: number;
}

/**
 * The segments of a declared column. Values with less than {@link IMMATERIAL} of the rows are pooled into `column=*`, so
 * that many small values are judged together and none of them alone can hold a decision for ever.
 */
export function segmentsOf(series: readonly SlotSeries[], declared: Policy['segments'][number], metric: string): DeclaredSegment[] {
  const prefix = `${declared.column}=`;
  const found = series.filter((one) => one.metric === metric && one.segment?.startsWith(prefix) === true);
  const rowsOf = (slots: readonly SlotSums[]): number => slots.reduce((sum, slot) => sum + slot.rows, 0);
  const total = found.reduce((sum, one) => sum + rowsOf(one.slots), 0);
  const make = (name: string, slots: readonly SlotSums[]): DeclaredSegment => ({ column: declared.column, name, margin: declared.margin, slots, rows: rowsOf(slots), share: total > 0 ? rowsOf(slots) / total : 0 });
  const all = found.map((one) => make(one.segment ?? '', one.slots));
  const large = all.filter((one) => one.share >= IMMATERIAL);
  const small = all.filter((one) => one.share < IMMATERIAL && one.rows > 0);
  const pooled = small.length > 1 ? [make(segmentName(declared.column, REST), mergeSlots(...small.map((one) => one.slots)))] : small;
  return [...large, ...pooled].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
