import { DAY_US, HOUR_US, MINUTE_US } from '@mettle/contracts';
import type { CalendarOp } from '../definition/expression-ir.ts';
import { zoneOffset } from './zone-offset.ts';

interface CivilDate {
  year: number;
  month: number;
  day: number;
}

/** Days since 1970-01-01 to a proleptic Gregorian date (H. Hinnant, chrono-compatible low-level date algorithms). */
export function civilFromDays(days: number): CivilDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 };
}

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const floorMod = (a: number, b: number): number => ((a % b) + b) % b;

/** Each from local µs: a count of µs since 1970 as a wall clock in the zone reads it. */
const FIELDS: Record<CalendarOp, (local: number) => number> = {
  hourOf: (local) => Math.floor(floorMod(local, DAY_US) / HOUR_US),
  minuteOf: (local) => Math.floor(floorMod(local, HOUR_US) / MINUTE_US),
  // 1970-01-01 was a Thursday.
  weekdayOf: (local) => floorMod(Math.floor(local / DAY_US) + 3, 7) + 1,
  dayOfMonth: (local) => civilFromDays(Math.floor(local / DAY_US)).day,
  monthOf: (local) => civilFromDays(Math.floor(local / DAY_US)).month,
  dayOfYear: (local) => {
    const { year, month, day } = civilFromDays(Math.floor(local / DAY_US));
    return (DAYS_BEFORE[month - 1] ?? 0) + day + (month > 2 && isLeap(year) ? 1 : 0);
  },
};

/**
 * A calendar field of a UTC time in a named zone: hour 0-23, minute 0-59, weekday 1 (Monday) - 7, month 1-12,
 * day of the month 1-31, day of the year 1-366.
 */
export function calendarField(op: CalendarOp, zone: string): (at: number) => number {
  const offset = zoneOffset(zone);
  const field = FIELDS[op];
  return (at) => field(at + offset(at));
}
