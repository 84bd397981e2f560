import type { DurationUs, Range, TimeUs } from '@mettle/contracts';

/** T from `from` on whose labels had `maturation` to arrive by the watermark; empty (to = from) when none. */
export const matureCohort = (from: TimeUs, watermark: TimeUs, maturation: DurationUs): Range => ({ from, to: Math.max(from, watermark - maturation) });

/** The whole looks that a cohort of [from, to) completes: their number and where the last one ends. */
export function wholeLooks(cohort: Range, lookEvery: DurationUs): { looks: number; until: TimeUs } {
  const looks = Math.max(0, Math.floor((cohort.to - cohort.from) / lookEvery));
  return { looks, until: cohort.from + looks * lookEvery };
}
