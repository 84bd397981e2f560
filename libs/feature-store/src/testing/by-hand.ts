import type { EventRecord, Value } from '@mettle/contracts';
import { hours } from '@mettle/contracts';
import type { Prediction } from './world.ts';

/**
 * The fixture's features worked out one by one from their words, looking at every event for every row. `visible` says
 * which records count at all: as known at T, or up to a position.
 */
export function byHand(records: readonly EventRecord[], { keys, request, at }: Prediction, visible: (record: EventRecord) => boolean): Record<string, Value> {
  const seen = records.filter((record) => visible(record) && record.eventTime <= at);
  const events = seen.filter(
    (record) => record.op === 'assert' && !seen.some((other) => other.op === 'retract' && other.eventId === record.eventId && other.eventTime === record.eventTime && other.sequence > record.sequence),
  );
  const newest = (some: EventRecord[]): EventRecord | undefined =>
    [...some].sort((a, b) => a.eventTime - b.eventTime || a.knownAt - b.knownAt || a.sequence - b.sequence).at(-1);
  const within = (some: EventRecord[], span: number) => some.filter((record) => at - record.eventTime < span);
  const total = (some: EventRecord[], column: string, units: number): [sum: number, count: number] => {
    const values = some.map((record) => record.values[column]).filter((value) => value !== null) as number[];
    return [values.reduce((sum, value) => sum + Math.round(value * units), 0), values.length];
  };
  const weather = events.filter((record) => record.source === 'weather' && record.keys['origin'] === keys['origin']);
  const origin = events.filter((record) => record.source === 'landings' && record.keys['origin'] === keys['origin']);
  const plane = events.filter((record) => record.source === 'landings' && record.keys['plane'] === keys['plane']);

  const last = newest(weather);
  const observed = last !== undefined && at - last.eventTime <= hours(6) ? last.values : { temp: null, sky: null, gust: null };
  const [delay6, n6] = total(within(origin, hours(6)), 'arr_delay', 10);
  const [delay1, n1] = total(within(origin, hours(1)), 'arr_delay', 10);
  const mean = n6 === 0 ? null : delay6 / (n6 * 10);
  const flown = newest(plane)?.values ?? { arr_delay: null, seats: null };
  const day = within(plane, hours(24));
  const [seats, seated] = total(day, 'seats', 1);
  const lastDelay = flown['arr_delay'] as number | null;
  const hour = Number(new Date(Math.floor((request['sched_dep'] as number) / 1000)).toLocaleString('sv-SE', { timeZone: 'America/New_York' }).slice(11, 13));
  return {
    carrier: request['carrier'] as Value, sky: observed['sky'] as Value, hour, distance: 500, age: request['year'] === null ? null : 2013 - (request['year'] as number),
    temp: observed['temp'] as Value, gust: observed['gust'] as Value, cold: observed['temp'] === null ? null : (observed['temp'] as number) < 0,
    mean_6h: mean, sum_1h: n1 === 0 ? null : delay1 / 10, landed_6h: within(origin, hours(6)).length,
    worse: lastDelay === null || mean === null ? null : lastDelay - mean, per_seat: seated === 0 || day.length === 0 ? null : seats / day.length, seats: flown['seats'] as Value,
  };
}
