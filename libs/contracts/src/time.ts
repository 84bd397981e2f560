/** Microseconds in common units. */
export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;
export const WEEK_US = 7 * DAY_US;

export const seconds = (n: number): number => n * SECOND_US;
export const minutes = (n: number): number => n * MINUTE_US;
export const hours = (n: number): number => n * HOUR_US;
export const days = (n: number): number => n * DAY_US;

/** `2013-03-08T05:00:00.000Z` for an integer µs time. */
export const isoTime = (at: number): string => new Date(at / 1000).toISOString();
/** `2013-03-08` (UTC). */
export const isoDate = (at: number): string => isoTime(at).slice(0, 10);
