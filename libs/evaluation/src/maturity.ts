import type { Coverage, DurationUs, Range, TimeUs } from '@mettle/contracts';

/** T from `from` on whose labels had `maturation` to arrive by the watermark; empty (to = from) when none. */
export const matureCohort = (from: TimeUs, watermark: TimeUs, maturation: DurationUs): Range => ({ from, to: Math.max(from, watermark - maturation) });

/** The whole looks that a cohort of [from, to) completes: their number and where the last one ends. */
export function wholeLooks(cohort: Range, lookEvery: DurationUs): { looks: number; until: TimeUs } {
  const looks = Math.max(0, Math.floor((cohort.to - cohort.from) / lookEvery));
  return { looks, until: cohort.from + looks * lookEvery };
}

/** Labelled share of an arm's predictions; null without predictions. Rows that an arm dropped have no usable label. */
export const coverageOf = (coverage: Coverage): number | null => (coverage.predictions > 0 ? coverage.labels / coverage.predictions : null);

/** |coverage of one arm - of the other|: where it is large, the labels that arrived are not the same kind of rows. */
export function coverageGap(arms: { readonly champion: Coverage; readonly candidate: Coverage }): number | null {
  const champion = coverageOf(arms.champion);
  const candidate = coverageOf(arms.candidate);
  return champion === null || candidate === null ? null : Math.abs(champion - candidate);
}
