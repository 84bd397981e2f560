import { predictionIdOf, type EventInput, type LabelInput } from '@mettle/contracts';
import { type Flight, type FlightData, LATE_MINUTES, TICK_US, type Weather } from './flightData.ts';

export const ENDPOINT = 'flight-lateness';

/** Everything of the year in the order in which it became known. */
export interface Timeline {
  /** Events and labels with `from < known <= to`. */
  known(from: number, to: number): Known;
  /** Departures that are to be predicted at exactly this tick, in a fixed order. */
  due(tick: number): readonly Flight[];
  /** Departures predicted before `to`: history that is imported as observations. */
  before(to: number): readonly Flight[];
  planes: readonly EventInput[];
  /** First tick with a departure at or after `from`, or null at the year's end. */
  nextTick(from: number): number | null;
}

export interface Known {
  readonly weather: EventInput[];
  readonly landings: EventInput[];
  readonly landed: Flight[];
}

/** The id of the request that predicts a tick's departures. */
export const requestIdOf = (tick: number): string => `departures-${tick / 1e6}`;

const keysOf = (f: Flight) => ({ origin: f.origin, dest: f.dest, carrier: f.carrier, plane: f.plane });
/** What a prediction is asked with: entity keys and request columns. */
export const observationOf = (f: Flight) => ({
  requestId: f.id,
  keys: keysOf(f),
  request: { origin: f.origin, dest: f.dest, carrier: f.carrier, distance: f.distance, scheduled: f.scheduled },
  at: f.predictAt,
});

const landingOf = (f: Flight): EventInput => ({
  eventId: f.id, keys: keysOf(f), values: { arr_delay: f.delay }, eventTime: f.landedAt!, publishedAt: f.landedAt, retract: false,
});
const weatherOf = (w: Weather): EventInput => ({
  eventId: w.id, keys: { origin: w.origin }, values: w.values, eventTime: w.at, publishedAt: w.known, retract: false,
});

/** First index whose value exceeds `limit`; `of` is ascending over the list. */
function firstAfter<T>(list: readonly T[], of: (item: T) => number, limit: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle]!) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function createTimeline(data: FlightData): Timeline {
  const { flights, weather } = data;
  const landed = flights.filter((f) => f.landedAt !== null).sort((a, b) => a.landedAt! - b.landedAt! || (a.id < b.id ? -1 : 1));
  const byTick = new Map<number, Flight[]>();
  for (const f of flights) {
    const list = byTick.get(f.predictAt);
    if (list === undefined) byTick.set(f.predictAt, [f]);
    else list.push(f);
  }
  const start = flights[0]!.predictAt;
  const span = <T>(list: readonly T[], of: (item: T) => number, from: number, to: number): T[] => list.slice(firstAfter(list, of, from), firstAfter(list, of, to));
  return {
    known(from, to) {
      const ours = span(landed, (f) => f.landedAt!, from, to);
      return { weather: span(weather, (w) => w.known, from, to).map(weatherOf), landings: ours.map(landingOf), landed: ours };
    },
    due: (tick) => byTick.get(tick) ?? [],
    before: (to) => flights.slice(0, firstAfter(flights, (f) => f.predictAt, to - 1)),
    planes: data.planes.map((p) => ({ eventId: p.plane, keys: { plane: p.plane }, values: { year: p.year, seats: p.seats }, eventTime: start - TICK_US, publishedAt: start - TICK_US, retract: false })),
    nextTick(from) {
      const index = firstAfter(flights, (f) => f.predictAt, from - 1);
      return flights[index]?.predictAt ?? null;
    },
  };
}

/**
 * The labels of departures that have landed. Those of imported history target the observation's id, the others
 * the prediction that this client asked for.
 */
export function labelsOf(landed: readonly Flight[], targetOf: (flight: Flight) => string): LabelInput[] {
  return landed.map((f) => ({
    labelId: f.id, target: { predictionId: targetOf(f) }, value: f.delay! > LATE_MINUTES ? 1 : 0, revision: 0,
    eventTime: f.landedAt!, publishedAt: f.landedAt, source: 'flight-operations',
  }));
}

/** Which prediction a departure got: the import's before `live`, the tick's row after. */
export function targetOf(timeline: Timeline, live: number): (flight: Flight) => string {
  const rowOf = new Map<string, number>();
  return (flight) => {
    if (flight.predictAt < live) return predictionIdOf(ENDPOINT, flight.id, 0);
    let row = rowOf.get(flight.id);
    if (row === undefined) {
      timeline.due(flight.predictAt).forEach((f, index) => rowOf.set(f.id, index));
      row = rowOf.get(flight.id)!;
    }
    rowOf.delete(flight.id);
    return predictionIdOf(ENDPOINT, requestIdOf(flight.predictAt), row);
  };
}
