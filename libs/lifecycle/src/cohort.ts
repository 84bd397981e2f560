import { DAY_US, type DurationUs, type Policy, type Range, type TimeUs } from '@mettle/contracts';

/** Looks at a shadow: the cohort starts with the shadow, and a look sees whole multiples of `lookEvery` of mature rows. */
export interface Looks {
  readonly start: TimeUs;
  readonly policy: Pick<Policy, 'maturation' | 'shadow'>;
}

/** How many whole looks the mature rows fill at a watermark; 0 before the shortest shadow, at most what the longest holds. */
export function looksAt({ start, policy }: Looks, watermark: TimeUs): number {
  const { min, max, lookEvery } = policy.shadow;
  const looks = Math.floor(Math.min(watermark - policy.maturation - start, max) / lookEvery);
  return looks * lookEvery >= min ? looks : 0;
}

/** The watermark of the first look with more than `looks` whole ones; null when the longest shadow ends before. */
export function nextLook({ start, policy }: Looks, looks: number): TimeUs | null {
  const { min, max, lookEvery } = policy.shadow;
  const length = Math.max(looks + 1, Math.ceil(min / lookEvery)) * lookEvery;
  return length > max ? null : start + length + policy.maturation;
}

/** The rows since the start that are mature at a watermark. */
export const matureCohort = ({ start, policy }: Looks, watermark: TimeUs): Range => ({ from: start, to: Math.max(start, watermark - policy.maturation) });

/** Looks after the shadow are daily, or as often as the phase is long when that is less. */
export const dailyOr = (length: DurationUs): DurationUs => Math.max(1, Math.min(DAY_US, length));
