import type { SlotSums } from '@mettle/contracts';
import { autocorrelations, longRunVariance } from '@mettle/statistics';

/** What an ordered slot series says of the row-weighted mean difference (candidate minus champion). */
export interface SlotSummary {
  readonly slots: number;
  readonly rows: number;
  /** Σ sum / Σ rows; null without rows. */
  readonly estimate: number | null;
  /** Long-run variance of one slot's influence value (Bartlett, at least the slot variance): the estimate's is this / slots. */
  readonly variance: number;
  /** Long-run variance / slot variance: how many slots one independent slot is worth; null for a constant series. */
  readonly designEffect: number | null;
}

/**
 * Influence values of the ratio Σ sum / Σ rows: ψ = (sum - estimate x rows) / mean rows. Their mean is zero and their
 * spread is that of the estimate (the delta method for a ratio of two sums).
 */
export function slotInfluences(slots: readonly SlotSums[]): { estimate: number; influences: Float64Array } | null {
  let rows = 0;
  let sum = 0;
  for (const slot of slots) { rows += slot.rows; sum += slot.sum; }
  if (rows === 0) return null;
  const estimate = sum / rows;
  const meanRows = rows / slots.length;
  return { estimate, influences: Float64Array.from(slots, (slot) => (slot.sum - estimate * slot.rows) / meanRows) };
}

/** Summary with Bartlett lag `lag` in slots. */
export function summariseSlots(slots: readonly SlotSums[], lag: number): SlotSummary {
  const found = slotInfluences(slots);
  const rows = slots.reduce((sum, slot) => sum + slot.rows, 0);
  if (found === null) return { slots: 0, rows: 0, estimate: null, variance: 0, designEffect: null };
  const { variance, slotVariance } = longRunVariance(found.influences, lag);
  return { slots: slots.length, rows, estimate: found.estimate, variance, designEffect: slotVariance > 0 ? variance / slotVariance : null };
}

/** Autocorrelation of the influence values at lags 1..lags. */
export const slotAutocorrelations = (slots: readonly SlotSums[], lags: number): number[] => autocorrelations([...(slotInfluences(slots)?.influences ?? [])], lags);

/** The same series with the champion's (or candidate's) own loss in the place of the difference. */
export const ownLoss = (slots: readonly SlotSums[], arm: 'champion' | 'candidate'): SlotSums[] => slots.map((slot) => ({ ...slot, sum: slot[arm] }));
