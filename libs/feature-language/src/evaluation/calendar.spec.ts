import { DAY_US, HOUR_US, MINUTE_US } from '@mettle/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarField, civilFromDays } from './calendar.ts';
import { isKnownZone } from './zone-offset.ts';

const at = (iso: string): number => Date.parse(iso) * 1000;
const local = (zone: string, iso: string) => (['hourOf', 'minuteOf', 'weekdayOf', 'dayOfMonth', 'monthOf', 'dayOfYear'] as const).map((op) => calendarField(op, zone)(at(iso)));

describe('the calendar of a named zone', () => {
  it('agrees with what the platform prints, in zones with odd offsets and rules', () => {
    fc.assert(
      fc.property(fc.constantFrom('America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca', 'UTC'), fc.integer({ min: at('1971-01-01'), max: at('2037-01-01') }), (zone, t) => {
        const shown = new Date(Math.floor(t / 1000)).toLocaleString('sv-SE', { timeZone: zone }); // 2013-03-10 03:00:00
        const expected = [shown.slice(11, 13), shown.slice(14, 16), shown.slice(8, 10), shown.slice(5, 7)].map(Number);
        expect((['hourOf', 'minuteOf', 'dayOfMonth', 'monthOf'] as const).map((op) => calendarField(op, zone)(t))).toEqual(expected);
        const weekday = new Date(`${shown.slice(0, 10)}T00:00:00Z`).getUTCDay() || 7;
        expect(calendarField('weekdayOf', zone)(t)).toBe(weekday);
      }),
      { numRuns: 2000 },
    );
  });
  it('skips the hour that spring takes and repeats the one that autumn gives', () => {
    expect(local('America/New_York', '2013-03-10T06:59:59Z').slice(0, 2)).toEqual([1, 59]);
    expect(local('America/New_York', '2013-03-10T07:00:00Z').slice(0, 2)).toEqual([3, 0]);
    expect(local('America/New_York', '2013-11-03T05:30:00Z').slice(0, 2)).toEqual([1, 30]);
    expect(local('America/New_York', '2013-11-03T06:30:00Z').slice(0, 2)).toEqual([1, 30]);
  });
  it('sees a transition that falls inside a UTC hour', () => {
    expect(local('Australia/Lord_Howe', '2023-09-30T15:29:59Z').slice(0, 2)).toEqual([1, 59]);
    expect(local('Australia/Lord_Howe', '2023-09-30T15:30:00Z').slice(0, 2)).toEqual([2, 30]);
  });
  it('takes the date of the zone, not of UTC', () => {
    expect(local('America/New_York', '2013-01-01T02:00:00Z')).toEqual([21, 0, 1, 31, 12, 366]);
    expect(local('Asia/Kathmandu', '2012-12-31T18:15:00Z')).toEqual([0, 0, 2, 1, 1, 1]);
  });
  it('counts civil days like the Gregorian calendar', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), (days) => {
        const date = new Date(days * 86_400_000);
        expect(civilFromDays(days)).toEqual({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
      }),
    );
  });
  it('works before 1970 and at every µs of an hour', () => {
    expect(calendarField('hourOf', 'UTC')(-1)).toBe(23);
    expect(calendarField('weekdayOf', 'UTC')(-DAY_US)).toBe(3);
    expect(calendarField('minuteOf', 'UTC')(HOUR_US - 1)).toBe(59);
    expect(calendarField('minuteOf', 'UTC')(-MINUTE_US)).toBe(59);
  });
  it.each(['+05:00', 'Mars/Olympus', '', 'America/New_York; x'])('refuses %j as a zone', (zone) => {
    expect(isKnownZone(zone)).toBe(false);
  });
});
