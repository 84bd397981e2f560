import type { DurationUs, Policy, Range, TimeUs } from '@mettle/contracts';

/** Looks at a shadow: the comparison's cohort starts with the shadow and grows by `lookEvery`. */
export interface Looks {
  readonly start: TimeUs;
  readonly policy: Pick<Policy, 'maturation' | 'shadow'>;
}

/** The cohort of the latest look possible at a watermark, in whole looks of mature rows; null before the first. */
export function matureCohort({ start, policy }: Looks, watermark: TimeUs): Range | null {
  const { min, max, lookEvery } = policy.shadow;
  const mature = watermark - policy.maturation - start;
  if (mature < min) return null;
  const length = min + Math.floor((Math.min(mature, max) - min) / lookEvery) * lookEvery;
  return { from: start, to: start + length };
}

/** The watermark of the first look whose cohort ends after `after`; null when the horizon ends before. */
export function nextLook({ start, policy }: Looks, after: TimeUs | null): TimeUs | null {
  const { min, max, lookEvery } = policy.shadow;
  const length = after === null ? min : after - start + lookEvery;
  return length > max ? null : start + length + policy.maturation;
}

/** Looks after the shadow are daily, or as often as the phase is long when that is less. */
export const dailyOr = (length: DurationUs): DurationUs => Math.max(1, Math.min(86_400_000_000, length));
