import { InvalidArgumentError } from 'commander';

/** `2013-03-08 05:00` in UTC for integer µs. */
export const moment = (at: number | null | undefined): string => (at === null || at === undefined ? '–' : new Date(at / 1000).toISOString().slice(0, 16).replace('T', ' '));

/** An ISO time (UTC unless it says otherwise) or integer µs since 1970. @throws InvalidArgumentError */
export function parseTime(given: string): number {
  if (/^-?\d{11,}$/.test(given)) return Number(given);
  // The engine would read `0` as the year 2000.
  const ms = !/^\d{4}-\d\d-\d\d/.test(given) ? Number.NaN : Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(given) || /^\d{4}-\d\d-\d\d$/.test(given) ? given : `${given}Z`);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a time such as 2013-03-08, 2013-03-08T05:00 or integer µs');
  return ms * 1000;
}
