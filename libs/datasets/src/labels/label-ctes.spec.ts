import { labelProblem, type LabelSpace } from '@mettle/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../testing/world.ts';
import { labelCtes } from './label-ctes.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.close());

/** Two rows, both of T = 100. */
const ROWS = `(SELECT * FROM (VALUES ('a', 'e', '{"k":1}', 100), ('b', 'e', '{"k":2}', 100)) r(prediction_id, endpoint, keys, "at"))`;
type Label = { id?: string; keys?: string; endpoint?: string; at?: number; value: number; eventTime: number; knownAt: number; sequence?: number };

async function labelsOf(labels: readonly Label[], { asOf = 1_000, from, space = null }: { asOf?: number; from?: number; space?: LabelSpace | null } = {}): Promise<Record<string, number>> {
  const text = (value: string | undefined): string => (value === undefined ? 'NULL::VARCHAR' : `'${value}'`);
  const values = labels.map((l, i) => `(${text(l.id)}, ${text(l.id === undefined ? (l.endpoint ?? 'e') : undefined)}, ${text(l.keys)}, ${l.at ?? 'NULL'}::BIGINT, '${l.value}'::DOUBLE, ${l.eventTime}, ${l.knownAt}, ${l.sequence ?? i})`);
  const table = `(SELECT * FROM (VALUES ${values.join(', ')}) l(prediction_id, endpoint, keys, "at", value, event_time, known_at, sequence))`;
  const found = await world.db.all<{ prediction_id: string; value: number }>(`WITH ${labelCtes({ labels: table, rows: ROWS, asOf, space, ...(from === undefined ? {} : { from }) })} SELECT * FROM named ORDER BY ALL`);
  return Object.fromEntries(found.map((row) => [row.prediction_id, row.value]));
}

describe('the label of a row', () => {
  it('is of an outcome at T or later, by id and by keys; an earlier one is none', async () => {
    for (const target of [{ id: 'a' }, { keys: '{"k":1}', at: 100 }]) {
      expect(await labelsOf([{ ...target, value: 7, eventTime: 101, knownAt: 200 }])).toEqual({ a: 7 });
      expect(await labelsOf([{ ...target, value: 7, eventTime: 100, knownAt: 200 }])).toEqual({ a: 7 });
      expect(await labelsOf([{ ...target, value: 7, eventTime: 99, knownAt: 200 }])).toEqual({});
    }
  });

  it('is not taken back by a later one whose outcome precedes T', async () => {
    expect(await labelsOf([{ id: 'a', value: 1, eventTime: 150, knownAt: 200 }, { id: 'a', value: 2, eventTime: 50, knownAt: 300 }])).toEqual({ a: 1 });
  });

  it('is the greatest (knownAt, sequence) of all that name it and are known', async () => {
    const labels = [
      { id: 'a', value: 1, eventTime: 150, knownAt: 200, sequence: 1 }, { keys: '{"k":1}', at: 100, value: 2, eventTime: 150, knownAt: 300, sequence: 2 },
      { id: 'a', value: 3, eventTime: 150, knownAt: 300, sequence: 3 }, { id: 'b', value: 4, eventTime: 150, knownAt: 400, sequence: 4 },
    ];
    expect(await labelsOf(labels)).toEqual({ a: 3, b: 4 });
    expect(await labelsOf(labels, { asOf: 399 })).toEqual({ a: 3 });
    expect(await labelsOf(labels, { asOf: 299 })).toEqual({ a: 1 });
    expect(await labelsOf(labels, { from: 301 })).toEqual({ b: 4 });
  });

  it('is a number of the task; another is none, and takes nothing back', async () => {
    const named = (value: number) => [{ id: 'a', value: 1, eventTime: 150, knownAt: 200 }, { id: 'a', value, eventTime: 150, knownAt: 300 }];
    const spaces = { binary: { task: 'binary' }, four: { task: 'multiclass', classes: 4 }, regression: { task: 'regression' } } as const;
    const values = [0, 3, 4, -1, 0.5, 1e8, 2e8, -2e8, Number.NaN, Number.POSITIVE_INFINITY];
    for (const [name, fits] of [['binary', [0]], ['four', [0, 3]], ['regression', [0, 3, 4, -1, 0.5, 1e8]]] as const) {
      for (const value of values) {
        const want = (fits as readonly number[]).includes(value);
        expect(await labelsOf(named(value), { space: spaces[name] }), `${name} ${value}`).toEqual({ a: want ? value : 1 });
        expect(labelProblem(spaces[name], value) === null).toBe(want);
      }
    }
    expect(await labelsOf(named(7))).toEqual({ a: 7 });
    expect(await labelsOf(named(1), { space: { task: 'ranking' } })).toEqual({});
  });

  it('names its own endpoint, keys and T', async () => {
    const at = { value: 1, eventTime: 150, knownAt: 200 };
    expect(await labelsOf([{ ...at, keys: '{"k":1}', at: 101 }, { ...at, keys: '{"k":3}', at: 100 }, { ...at, keys: '{"k":1}', at: 100, endpoint: 'f' }, { ...at, id: 'c' }])).toEqual({});
  });
});
