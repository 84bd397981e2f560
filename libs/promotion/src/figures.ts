import { DAY_US } from '@mettle/contracts';

/** A number in a sentence; null is said. */
export const text = (value: number | null | undefined, digits = 4): string =>
  value === null || value === undefined ? 'unknown' : Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
export const share = (value: number | null | undefined): string => (value === null || value === undefined ? 'unknown' : `${text(value * 100, 3)} %`);
/** A duration, µs. */
export const day = (value: number | null | undefined): string => (value === null || value === undefined ? 'unknown' : `${text(value / DAY_US, 3)} days`);
/** A duration in µs, as milliseconds. */
export const millis = (value: number | null | undefined): string => (value === null || value === undefined ? 'unknown' : `${text(value / 1000)} ms`);
