import type { SlotSums } from '@mettle/contracts';

/** One row scored by both versions; losses oriented so that lower is better. */
export interface PairedLoss {
  /** T, µs. */
  readonly at: number;
  readonly champion: number;
  readonly candidate: number;
}

/** Start of the slot of `width` µs that holds `at`; slots are aligned to the epoch. */
export const slotOf = (at: number, width: number): number => Math.floor(at / width) * width;

/** Rows in any order -> ordered slots. A slot without rows does not exist. */
export function slotSums(rows: Iterable<PairedLoss>, width: number): SlotSums[] {
  const slots = new Map<number, SlotSums>();
  for (const row of rows) {
    const at = slotOf(row.at, width);
    const slot = slots.get(at) ?? { at, rows: 0, sum: 0, champion: 0, candidate: 0 };
    slot.rows += 1;
    slot.sum += row.candidate - row.champion;
    slot.champion += row.champion;
    slot.candidate += row.candidate;
    slots.set(at, slot);
  }
  return [...slots.values()].sort((a, b) => a.at - b.at);
}

/** The series of both parts: slots of the same start are added. Counts merge exactly, sums to rounding. */
export function mergeSlots(...parts: readonly (readonly SlotSums[])[]): SlotSums[] {
  const slots = new Map<number, SlotSums>();
  for (const slot of parts.flat()) {
    const known = slots.get(slot.at);
    slots.set(slot.at, known === undefined ? { ...slot } : { at: slot.at, rows: known.rows + slot.rows, sum: known.sum + slot.sum, champion: known.champion + slot.champion, candidate: known.candidate + slot.candidate });
  }
  return [...slots.values()].filter((slot) => slot.rows > 0).sort((a, b) => a.at - b.at);
}

/** Slots that begin in [from, to). */
export const slotsWithin = (slots: readonly SlotSums[], from: number, to: number): SlotSums[] => slots.filter((slot) => slot.at >= from && slot.at < to);
