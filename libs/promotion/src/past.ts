import type { PastSlot, SlotSums, TimeUs } from '@mettle/contracts';

/** The slots of a comparison that ended before; `reversed`: the fresher model stood on the other side than now. */
export interface PastComparison {
  readonly slots: readonly SlotSums[];
  readonly reversed: boolean;
}

/** The row-weighted mean difference; 0 without rows. */
export function meanDifference(slots: readonly SlotSums[]): number {
  let all = 0;
  let total = 0;
  for (const { rows, sum } of slots) { all += rows; total += sum; }
  return all === 0 ? 0 : total / all;
}

/** Without their mean difference: what is left is chance. */
export function centred(slots: readonly SlotSums[]): PastSlot[] {
  const mean = meanDifference(slots);
  return slots.map(({ at, rows, sum }) => ({ at, rows, sum: sum - mean * rows }));
}

/**
 * The past of a comparison, oldest slot first. Of comparisons that ran side by side the newest counts, so that an hour is
 * in it once. Each is centred on its own mean: what a candidate was worth says nothing of the next, how wildly its
 * hours differ does. The tail of rare bad hours belongs to the older model of a pair, so a pair whose fresher model
 * stood on the other side is turned round.
 * @param newestFirst comparisons under the same metric and slot width
 * @param before start of the cohort in question, µs; @param width of a slot, µs
 */
export function pastOf(newestFirst: readonly PastComparison[], before: TimeUs, width: number): PastSlot[] {
  const parts: PastSlot[][] = [];
  let edge = before;
  for (const { slots, reversed } of newestFirst) {
    const part = centred(slots.filter(({ at }) => at + width <= edge)).map((slot) => (reversed ? { ...slot, sum: -slot.sum } : slot));
    edge = part[0]?.at ?? edge;
    parts.unshift(part);
  }
  return parts.flat();
}
