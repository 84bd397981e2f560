import type { SlotSeries } from '@mettle/contracts';
import { mergeSlots } from '@mettle/evaluation';
import { historyOf } from '../stored-history.ts';
import type { StoredHistory } from '../stored-history.ts';

type Model = 'frozen' | 'monthly' | 'before' | 'weekly';
/** libs/promotion/goldens/flights.json. */
export interface FlightSlots { from: number; slotWidth: number; unit: number; origins: Record<string, { slots: number[]; rows: number[] } & Record<Model, number[]>> }

/** Real paired losses, March to December 2013, in total and by origin (tools/goldens/flights.py). */
export function flightHistory(document: FlightSlots, champion: Model, candidate: Model): StoredHistory {
  const segments = Object.entries(document.origins).map(([origin, one]): SlotSeries => ({
    metric: 'log_loss', segment: `origin=${origin}`,
    slots: one.slots.map((slot, k) => {
      const [a = 0, b = 0] = [one[champion][k], one[candidate][k]].map((units) => (units ?? 0) * document.unit);
      return { at: document.from + slot * document.slotWidth, rows: one.rows[k] ?? 0, sum: b - a, champion: a, candidate: b };
    }),
  }));
  return historyOf([{ metric: 'log_loss', segment: null, slots: mergeSlots(...segments.map(({ slots }) => slots)) }, ...segments]);
}
