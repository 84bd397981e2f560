import { DAY_US, HOUR_US } from '@mettle/contracts';

const utc = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) * 1000;

/** Watermarks fall at 06:00 UTC, one or two at night in New York, when nothing is predicted. */
const AT = 6 * HOUR_US;

/** History ends here: the first champion is trained and the replay begins. */
export const LIVE_FROM = utc(2013, 3, 1) + AT;
/** The last watermark, three days after the last departure: every label is mature. */
export const YEAR_ENDS = utc(2014, 1, 3) + AT;
/** The months of the table of results; T in UTC. */
export const isJudged = (month: string): boolean => month >= '2013-04' && month <= '2013-12';

export const DAY = DAY_US;

export const dayOf = (month: number, day: number): number => utc(2013, month, day) + AT;

/** `Mar 08` and the like. */
export const shortDate = (at: number): string =>
  new Date(at / 1000).toLocaleDateString('en-US', { month: 'short', day: '2-digit', timeZone: 'UTC' });

/** Starts of April to December, when the monthly rival retrains. */
export const MONTH_STARTS: readonly number[] = Array.from({ length: 9 }, (_, i) => dayOf(i + 4, 1));
