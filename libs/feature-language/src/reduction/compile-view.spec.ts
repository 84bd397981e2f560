import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, entity, featureView, float64, int64, latest, mean, source, string, sum } from '../index.ts';
import { eventHistory } from '../testing/event-history.ts';
import { oracleRead } from '../testing/oracle.ts';
import { compileView } from './compile-view.ts';
import type { CompiledView, ViewEvent, ViewRead } from './compiled-view.ts';
import { memoryPieces } from './memory-pieces.ts';

const readings = source('readings', { owner: 'o', clock: 'event', keys: { k: 'string' }, columns: { x: float64({ scale: 2 }), n: int64(), s: string() } });
const thing = entity('thing', { keys: { k: 'string' } });

type Spans = { ttl: number | null; window: number; hop: number; wide: number };
const viewOf = ({ ttl, window, hop, wide }: Spans, kinds: 'all' | 'windows' = 'all') =>
  featureView('v', {
    owner: 'o', entity: thing, source: readings, ttl,
    features: (c) => ({
      ...(kinds === 'all' ? { x: latest(c.x), n: latest(c.n), s: latest(c.s) } : {}),
      count: count({ window, hop }),
      sum: sum(c.x, { window, hop }),
      mean: mean(c.x, { window, hop }),
      wide: mean(c.n, { window: wide, hop: wide / 2 }),
      wider: count({ window: window * 3, hop }),
    }),
  }).ir;

const spans: fc.Arbitrary<Spans> = fc.record({
  ttl: fc.option(fc.integer({ min: 1, max: 40 })),
  hop: fc.integer({ min: 1, max: 12 }),
  tiles: fc.integer({ min: 1, max: 70 }),
  wide: fc.integer({ min: 1, max: 30 }),
}).map(({ ttl, hop, tiles, wide }) => ({ ttl, hop, window: hop * tiles, wide: wide * 2 }));

const replayed = (view: CompiledView, events: readonly ViewEvent[], at: number): ViewRead => view.read(events.reduce(view.apply, view.init()), at);
function stored(view: CompiledView, events: readonly ViewEvent[], at: number): ViewRead {
  const pieces = memoryPieces();
  for (const event of events) view.applyPieces(pieces, event);
  return view.readPieces(pieces, at);
}
const sameBits = (a: ViewRead, b: ViewRead) => a.status === b.status && a.values.length === b.values.length && a.values.every((value, i) => Object.is(value, b.values[i]));

const cents = fc.option(fc.integer({ min: -1e7, max: 1e7 }).map((units) => units / 100), { freq: 5 });
const huge = fc.oneof(fc.integer({ min: -1e13, max: 1e13 }), fc.constantFrom(1.1e13, -1.1e13, 0.01, 0));
const at = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -20, max: 300 }) }, { weight: 1, arbitrary: fc.constantFrom(0, 10, 20, 30, 60) });

describe('a view', () => {
  it('reads, in replay and in pieces, what its definition says of the events applied', () => {
    fc.assert(
      fc.property(spans, fc.constantFrom('all' as const, 'windows' as const), fc.oneof(eventHistory({ span: 200, value: cents }), eventHistory({ span: 200, value: huge })), fc.array(at, { minLength: 1, maxLength: 6 }), (span, kinds, events, times) => {
        const ir = viewOf(span, kinds);
        const view = compileView(ir, readings);
        for (const t of times) {
          const expected = oracleRead(ir, events, t);
          expect(replayed(view, events, t)).toEqual(expected);
          expect(sameBits(stored(view, events, t), replayed(view, events, t))).toBe(true);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('reads the same after each event, whatever was read before', () => {
    fc.assert(
      fc.property(spans, eventHistory({ span: 120, value: cents }), fc.array(at, { minLength: 1, maxLength: 5 }), (span, events, times) => {
        const ir = viewOf(span);
        const view = compileView(ir, readings);
        const pieces = memoryPieces();
        let state = view.init();
        events.forEach((event, index) => {
          state = view.apply(state, event);
          view.applyPieces(pieces, event);
          const t = times[index % times.length] as number;
          const expected = oracleRead(ir, events.slice(0, index + 1), t);
          expect(view.read(state, t)).toEqual(expected);
          expect(view.readPieces(pieces, t)).toEqual(expected);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on the order of arrival, as long as a retraction follows what it takes back', () => {
    const shuffled = eventHistory({ span: 200, value: cents }).chain((events) =>
      fc.array(fc.nat(), { minLength: events.length, maxLength: events.length }).map((ranks) => {
        const chains = new Map<string, ViewEvent[]>();
        for (const event of events) chains.set(`${event.eventId}@${event.eventTime}`, [...(chains.get(`${event.eventId}@${event.eventTime}`) ?? []), event]);
        const order = events.map((event, index) => ({ event, rank: ranks[index] as number })).sort((a, b) => a.rank - b.rank);
        return { events, shuffled: order.map(({ event }) => (chains.get(`${event.eventId}@${event.eventTime}`) as ViewEvent[]).shift() as ViewEvent) };
      }),
    );
    fc.assert(
      fc.property(spans, shuffled, at, (span, { events, shuffled: arrived }, t) => {
        const view = compileView(viewOf(span), readings);
        expect(sameBits(replayed(view, events, t), replayed(view, arrived, t))).toBe(true);
        expect(sameBits(stored(view, events, t), stored(view, arrived, t))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the boundaries of a view', () => {
  const ir = viewOf({ ttl: 10, window: 20, hop: 5, wide: 20 });
  const view = compileView(ir, readings);
  let sequence = 0;
  const x = (eventTime: number, value: number | null, more: Partial<ViewEvent> = {}): ViewEvent => {
    sequence += 1;
    return { op: 'assert', eventId: `b${sequence}`, eventTime, knownAt: eventTime, sequence, values: { x: value, n: null, s: null }, ...more };
  };
  const both = (events: ViewEvent[], t: number): ViewRead => {
    expect(stored(view, events, t)).toEqual(replayed(view, events, t));
    return replayed(view, events, t);
  };
  const names = ir.features.map(({ name }) => name);
  const named = (read: ViewRead) => Object.fromEntries(names.map((name, i) => [name, read.values[i]]));

  it('an event at exactly T counts, one after T does not', () => {
    expect(named(both([x(100, 1), x(101, 2)], 100))).toMatchObject({ x: 1, count: 1, sum: 1 });
  });
  it('a window is open on the left and closed on the right', () => {
    expect(named(both([x(80, 1), x(81, 2), x(100, 4)], 100))).toMatchObject({ count: 2, sum: 6, mean: 3 });
  });
  it('a value is fresh at exactly its ttl, and too old a µs later', () => {
    expect(both([x(90, 1)], 100).status).toBe('PRESENT');
    expect(both([x(90, 1)], 101)).toMatchObject({ status: 'OUTSIDE_MAX_AGE' });
    expect(named(both([x(90, 1)], 101))).toMatchObject({ x: null, count: 1, sum: 1 });
  });
  it('of equal event times the later known wins, then the later sequence', () => {
    const early = x(100, 1, { knownAt: 120 });
    const late = x(100, 2, { knownAt: 110 });
    expect(named(both([early, late], 130 - 25))).toMatchObject({ x: 1 });
    expect(named(both([x(100, 1), x(100, 2)], 100))).toMatchObject({ x: 2 });
  });
  it('nothing known: count 0, sum and mean null, NOT_FOUND', () => {
    expect(both([], 100).status).toBe('NOT_FOUND');
    expect(named(both([], 100))).toEqual({ x: null, n: null, s: null, count: 0, sum: null, mean: null, wide: null, wider: 0 });
  });
  it('nulls count as events and are left out of sums', () => {
    expect(named(both([x(99, null), x(100, 3)], 100))).toMatchObject({ count: 2, sum: 3, mean: 3 });
    expect(named(both([x(99, null)], 100))).toMatchObject({ count: 1, sum: null, mean: null });
  });
  it('a correction at the same time replaces; a withdrawn newest gives way to the one before', () => {
    const first = x(95, 1);
    const second = x(100, 2);
    const back: ViewEvent = { ...second, op: 'retract', knownAt: 105, sequence: 900 };
    const corrected: ViewEvent = { ...second, values: { x: 7, n: null, s: null }, knownAt: 105, sequence: 901 };
    expect(named(both([first, second, back], 105))).toMatchObject({ x: 1, count: 1 });
    expect(named(both([first, second, back, corrected], 105))).toMatchObject({ x: 7, sum: 8 });
  });
  it('a retraction of what is not there changes nothing', () => {
    const there = x(95, 1);
    expect(named(both([there, { ...x(95, 1), op: 'retract', eventId: 'other' }], 100))).toMatchObject({ x: 1, count: 1, sum: 1 });
  });
  it('quantises once: a third decimal goes to the nearest hundredth, halves away from zero', () => {
    expect(named(both([x(100, 0.125)], 100)).x).toBe(0.13);
    expect(named(both([x(100, -0.125)], 100)).x).toBe(-0.13);
    expect(Object.is(named(both([x(100, -0.001)], 100)).x, 0)).toBe(true);
  });
  it('sums what a double would lose', () => {
    const events = [x(96, 1.1e13), x(97, 0.01), x(98, -1.1e13)];
    expect(named(both(events, 100)).sum).toBe(0.01);
  });
  it('names an entity by values that cannot run together, and not at all without one', () => {
    const wide = featureView('pair', { owner: 'o', entity: entity('pair', { keys: { a: 'string', b: 'string' } }), source: source('s', { owner: 'o', keys: { a: 'string', b: 'string' }, columns: {} }), ttl: null, features: () => ({ c: count({ window: 5, hop: 5 }) }) });
    const pair = compileView(wide.ir, wide.source);
    expect(pair.keyOf({ b: '23', a: '1' })).not.toBe(pair.keyOf({ a: '12', b: '3' }));
    expect(pair.keyOf({ a: '1', b: '2' })).toBe(pair.keyOf({ b: '2', a: '1' }));
    expect(pair.keyOf({ a: '1' })).toBeNull();
  });
});
