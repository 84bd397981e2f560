import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openBlobStore } from '@mettle/blob-store';
import { EventRecord, type EventInput } from '@mettle/contracts';
import { hashOfSource, type SourceIR } from '@mettle/feature-language';
import { openEventLog, type EventLog } from '../index.ts';
import { collect } from '../testing/collect.ts';

const weather: SourceIR = {
  v: 1, kind: 'source', name: 'weather', owner: 'o', description: '', clock: 'event',
  keys: { origin: 'string' },
  columns: { temp: { type: 'float64', scale: 2 }, code: { type: 'string' }, n: { type: 'int64' }, ok: { type: 'bool' } },
};
const clicks: SourceIR = { ...weather, name: 'clicks', clock: 'wall', keys: { user: 'int64' }, columns: { x: { type: 'float64' } } };

let dir: string;
let log: EventLog;
const openLog = (now?: () => number): Promise<EventLog> =>
  openEventLog({ dir: join(dir, 'events'), durability: 'process', blobs: openBlobStore(join(dir, 'blobs')), sources: [weather, clicks], ...(now ? { now } : {}) });
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mettle-events-'));
  log = await openLog();
});
const event = (eventId: string, over: Partial<EventInput> = {}): EventInput => ({
  eventId, keys: { origin: 'JFK' }, values: { temp: 1.5, code: 'a', n: 3, ok: true }, eventTime: 100, publishedAt: 110, retract: false, ...over,
});
const reopen = async (): Promise<void> => {
  await log.close();
  log = await openLog();
};
const all = async (from = 1): Promise<EventRecord[]> => collect(log.replay(from));

describe('append', () => {
  it('gives records their sequence, knownAt, revision and schema, in the contract’s form', async () => {
    const { records, duplicates, position } = await log.append('weather', [event('a'), event('b', { publishedAt: 105 })]);
    expect({ duplicates, position }).toEqual({ duplicates: 0, position: 2 });
    expect(records.map((record) => EventRecord.parse(record))).toEqual(records);
    expect(records[1]).toEqual({
      v: 1, eventId: 'b', source: 'weather', schema: hashOfSource(weather), keys: { origin: 'JFK' }, values: { code: 'a', n: 3, ok: true, temp: 1.5 },
      eventTime: 100, publishedAt: 105, knownAt: 110, partition: 0, sequence: 2, revision: 0, op: 'assert',
    });
    expect(await all()).toEqual(records);
  });

  it('on the event clock keeps knownAt from decreasing within a source, also after a restart; sources do not push each other', async () => {
    log.register({ ...weather, name: 'other' });
    await log.append('weather', [event('a', { publishedAt: 500 })]);
    await reopen();
    log.register({ ...weather, name: 'other' });
    expect((await log.append('weather', [event('b', { publishedAt: 300 })])).records[0]!.knownAt).toBe(500);
    expect((await log.append('other', [event('b', { publishedAt: 300 })])).records[0]!.knownAt).toBe(300);
  });

  it('on the wall clock increases knownAt strictly, also when the clock steps back and after a restart', async () => {
    await log.close();
    let time = 1000;
    log = await openLog(() => time);
    const click = (eventId: string): EventInput => ({ eventId, keys: { user: 7 }, values: { x: 1 }, eventTime: 1, publishedAt: null, retract: false });
    const times = async (...ids: string[]): Promise<number[]> => (await log.append('clicks', ids.map(click))).records.map(({ knownAt }) => knownAt);
    expect(await times('a', 'b')).toEqual([1000, 1001]);
    time = 10;
    expect(await times('c')).toEqual([1002]);
    await log.close();
    log = await openLog(() => time);
    expect(await times('d')).toEqual([1003]);
  });

  it('counts an event that is pushed again as a duplicate: in a batch, in concurrent batches, later, after a restart', async () => {
    const [one, two] = await Promise.all([log.append('weather', [event('a'), event('a')]), log.append('weather', [event('a', { publishedAt: 999 })])]);
    expect([one.duplicates, two.duplicates, one.records.length, two.records.length]).toEqual([1, 1, 1, 0]);
    await reopen();
    // Absent columns and key order make no difference.
    await log.append('weather', [event('n', { values: { temp: null } })]);
    expect(await log.append('weather', [event('a'), event('n', { values: { ok: null, n: null, code: null, temp: null } })])).toEqual({ records: [], duplicates: 2, position: 2 });
  });

  it('turns a changed event into the retract of the old and the assert of the new, one revision up', async () => {
    await log.append('weather', [event('a')]);
    const { records } = await log.append('weather', [event('a', { values: { temp: 2, code: null, n: null, ok: null }, publishedAt: 200 })]);
    expect(records.map(({ op, revision, sequence, knownAt, eventTime, values }) => [op, revision, sequence, knownAt, eventTime, values['temp']])).toEqual([
      ['retract', 0, 2, 200, 100, 1.5],
      ['assert', 1, 3, 200, 100, 2],
    ]);
    const moved = await log.append('weather', [event('a', { values: { temp: 2 }, eventTime: 101, publishedAt: 201 })]);
    expect(moved.records.map(({ op, revision, eventTime }) => [op, revision, eventTime])).toEqual([['retract', 1, 100], ['assert', 2, 101]]);
  });

  it('withdraws an event once, and takes it again as a new revision', async () => {
    await log.append('weather', [event('a')]);
    const gone = await log.append('weather', [event('a', { retract: true, values: {}, publishedAt: 300 }), event('a', { retract: true, values: {} })]);
    expect(gone.duplicates).toBe(1);
    expect(gone.records).toMatchObject([{ op: 'retract', revision: 0, values: { temp: 1.5 }, knownAt: 300 }]);
    await reopen();
    expect((await log.append('weather', [event('a')])).records).toMatchObject([{ op: 'assert', revision: 1 }]);
    await expect(log.append('weather', [event('zz', { retract: true })])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each<[string, Partial<EventInput>, string]>([
    ['no publishedAt on an event clock', { publishedAt: null }, 'MISSING_KNOWN_AT'],
    ['a column that the source does not declare', { values: { temp: 1, wind: 2 } }, 'UNKNOWN_COLUMN'],
    ['a column named like a built-in', { values: { toString: 2 } }, 'UNKNOWN_COLUMN'],
    ['a wrong type', { values: { temp: '1' } }, 'TYPE_MISMATCH'],
    ['a fraction for an integer', { values: { n: 1.5 } }, 'TYPE_MISMATCH'],
    ['NaN', { values: { temp: Number.NaN } }, 'NOT_A_NUMBER'],
    ['infinity', { values: { temp: Number.POSITIVE_INFINITY } }, 'NOT_A_NUMBER'],
    ['a value beyond the scale', { values: { temp: 1e14 } }, 'OUT_OF_RANGE'],
    ['a lone surrogate', { values: { code: '\ud800' } }, 'OUT_OF_RANGE'],
    ['a missing key', { keys: {} }, 'UNKNOWN_ENTITY'],
    ['a key of another type', { keys: { origin: 5 } }, 'TYPE_MISMATCH'],
    ['an extra key', { keys: { origin: 'JFK', gate: 'B' } }, 'UNKNOWN_COLUMN'],
    ['a time that is no integer', { eventTime: 1.5 }, 'OUT_OF_RANGE'],
    ['an empty id', { eventId: '' }, 'INVALID_INPUT'],
  ])('refuses %s, and the whole batch with it', async (_, over, code) => {
    await expect(log.append('weather', [event('a'), event('b', over)])).rejects.toMatchObject({ code });
    expect(log.last).toBe(0);
    expect((await log.append('weather', [event('a')])).duplicates).toBe(0);
  });

  it('refuses other keys for a known event, an unknown source, and a source that changes its meaning', async () => {
    await log.append('weather', [event('a')]);
    await expect(log.append('weather', [event('c'), event('a', { keys: { origin: 'LGA' } })])).rejects.toMatchObject({ code: 'CONFLICTING_EVENT', data: { eventId: 'a' } });
    expect(log.last).toBe(1);
    await expect(log.append('nothing', [])).rejects.toMatchObject({ code: 'UNKNOWN_SOURCE' });
    expect(() => log.register({ ...weather, columns: { ...weather.columns, temp: { type: 'float64', scale: 3 } } })).toThrow(/registered/);
    log.register({ ...weather, columns: { ...weather.columns, wind: { type: 'float64' } } });
    expect((await log.append('weather', [event('w', { values: { wind: 3 } })])).records[0]!.values['wind']).toBe(3);
  });
});

describe('the log and its index', () => {
  it('agree after the index lost its tail: what the log holds is a duplicate, what it lacks is new', async () => {
    await log.append('weather', [event('a')]);
    await log.close();
    const { cp, rm } = await import('node:fs/promises');
    await cp(join(dir, 'events', 'index'), join(dir, 'old'), { recursive: true });
    log = await openLog();
    await log.append('weather', [event('b'), event('a', { values: {}, publishedAt: 120 })]);
    await log.close();
    await rm(join(dir, 'events', 'index'), { recursive: true });
    await cp(join(dir, 'old'), join(dir, 'events', 'index'), { recursive: true });
    log = await openLog();
    const { records, duplicates } = await log.append('weather', [event('b'), event('a', { values: {} }), event('c', { publishedAt: 1 })]);
    expect(duplicates).toBe(2);
    expect(records).toMatchObject([{ eventId: 'c', sequence: 5, knownAt: 120 }]);
  });

  it('refuses to start on a log that lost records which the index holds', async () => {
    await log.append('weather', [event('a')]);
    await log.close();
    const { rm } = await import('node:fs/promises');
    await rm(join(dir, 'events', 'log'), { recursive: true });
    await expect(openLog()).rejects.toMatchObject({ code: 'CORRUPT_LOG' });
  });

  it('seal, forget and replay over blobs and what is local', async () => {
    await log.append('weather', [event('a'), event('b')]);
    const raws = await log.seal();
    expect(raws).toMatchObject([{ log: 'events', writer: 'p0', rows: 2, sequences: { from: 1, to: 2 } }]);
    await log.forget(raws.map(({ hash }) => hash));
    await log.append('weather', [event('c'), event('a')]);
    await reopen();
    expect((await all()).map(({ sequence }) => sequence)).toEqual([3]);
    const ids = async (from: number): Promise<string[]> => (await collect(log.replay(from, raws))).map(({ eventId }) => eventId);
    expect(await ids(1)).toEqual(['a', 'b', 'c']);
    expect(await ids(2)).toEqual(['b', 'c']);
    expect((await log.append('weather', [event('b')])).duplicates).toBe(1);
  });
});
