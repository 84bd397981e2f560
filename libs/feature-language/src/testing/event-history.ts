import fc from 'fast-check';
import type { ViewEvent } from '../reduction/compiled-view.ts';

export interface HistoryOptions {
  /** eventTime in [0, span]. */
  span: number;
  value: fc.Arbitrary<number | null>;
}

const assertion = ({ span, value }: HistoryOptions) =>
  fc.record({
    eventTime: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: span }) }, { weight: 1, arbitrary: fc.constantFrom(0, 10, 20, 30, 40, 60) }),
    x: value,
    n: fc.option(fc.integer({ min: -50, max: 50 })),
    s: fc.option(fc.constantFrom('a', 'b', '')),
    gap: fc.integer({ min: 0, max: 12 }),
  });

/**
 * One entity's log in sequence order: late arrivals, equal times, corrections of values and of times, withdrawals.
 * knownAt never falls; each retraction names what it takes back and comes after it.
 */
export const eventHistory = (options: HistoryOptions): fc.Arbitrary<ViewEvent[]> =>
  fc
    .array(
      fc.record({
        fresh: assertion(options),
        change: fc.option(fc.record({ which: fc.nat(), again: fc.option(assertion(options)) }), { freq: 3 }),
      }),
      { maxLength: 40 },
    )
    .map((steps) => {
      const events: ViewEvent[] = [];
      const live: ViewEvent[] = [];
      let known = 0;
      let id = 0;
      const push = (op: 'assert' | 'retract', eventId: string, eventTime: number, values: ViewEvent['values']) => {
        const record: ViewEvent = { op, eventId, eventTime, values, knownAt: known, sequence: events.length + 1 };
        events.push(record);
        return record;
      };
      for (const { fresh, change } of steps) {
        known += fresh.gap;
        live.push(push('assert', `e${(id += 1)}`, fresh.eventTime, { x: fresh.x, n: fresh.n, s: fresh.s }));
        if (change === null) continue;
        const [old] = live.splice(change.which % live.length, 1) as [ViewEvent];
        push('retract', old.eventId, old.eventTime, old.values);
        const { again } = change;
        if (again !== null) live.push(push('assert', old.eventId, again.eventTime, { x: again.x, n: again.n, s: again.s }));
      }
      return events;
    });
