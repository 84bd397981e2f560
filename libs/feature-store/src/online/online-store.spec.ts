import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventRecord, FeatureVector } from '@mettle/contracts';
import { compileService } from '@mettle/feature-language';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFolder } from '../testing/engine.ts';
import { lateness, wider, widest } from '../testing/project.ts';
import { createLog, createPredictions } from '../testing/world.ts';
import { createMemoryStore, openOnlineStore } from './open-online-store.ts';
import type { OnlineStore } from './online-store.ts';

const service = compileService(lateness);
const widerService = compileService(wider);
const records = createLog(31, 700);
const rows = createPredictions(32, 60);

let folder: ReturnType<typeof createFolder>;
let store: OnlineStore;
beforeEach(() => {
  folder = createFolder();
  store = openOnlineStore({ path: join(folder.folder, 'online') });
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

const values = (vectors: readonly FeatureVector[]) => vectors.map((vector) => ({ values: vector.values, statuses: vector.statuses }));
/** What a store that had everything from the start would say. */
function fresh(definition = lateness, upTo = records.length) {
  const memory = createMemoryStore();
  memory.register(definition);
  memory.apply(records.slice(0, upTo));
  return values(memory.read(definition === lateness ? service : widerService, rows));
}
async function reopen(): Promise<void> {
  await store.close();
  store = openOnlineStore({ path: join(folder.folder, 'online') });
}

describe('an online store on disk', () => {
  it('reads what the one in memory reads, with the position of its snapshot', () => {
    store.register(lateness);
    for (let from = 0; from < records.length; from += 25) store.apply(records.slice(from, from + 25));
    const vectors = store.read(service, rows);
    expect(values(vectors)).toEqual(fresh());
    expect(vectors[0]).toMatchObject({ service: service.hash, at: rows[0]?.at });
    expect(vectors[0]?.read).toEqual(service.views.map(({ hash }) => ({ view: hash, partition: 0, position: records.length, generation: 1 })));
  });

  it('keeps definitions, positions and values when it is opened again', async () => {
    store.register(lateness);
    store.apply(records);
    await reopen();
    expect(store.definitions()).toEqual([lateness]);
    expect(store.position(0)).toBe(records.length);
    expect(values(store.read(service, rows))).toEqual(fresh());
    expect(store.register(lateness)).toEqual({ rebuild: [] });
  });

  it('ignores what it has applied, and refuses a gap whole', () => {
    store.register(lateness);
    store.apply(records.slice(0, 100));
    store.apply(records.slice(40, 120));
    store.apply(records.slice(0, 10));
    expect(store.position(0)).toBe(120);
    const gap = [...records.slice(120, 130), ...records.slice(131, 140)];
    expect(() => store.apply(gap)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(store.position(0)).toBe(120);
    expect(values(store.read(service, rows))).toEqual(fresh(lateness, 120));
  });

  it('undoes a batch of which one event cannot be applied', () => {
    store.register(lateness);
    store.apply(records.slice(0, 100));
    const bad: EventRecord = { ...(records.find(({ source }) => source === 'landings') as EventRecord), sequence: 103, op: 'assert', values: { arr_delay: 1e300, seats: 1 } };
    expect(() => store.apply([...records.slice(100, 102), bad])).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }));
    expect(store.position(0)).toBe(100);
    expect(values(store.read(service, rows))).toEqual(fresh(lateness, 100));
  });

  it('refuses a service whose views it does not keep', () => {
    store.register(lateness);
    expect(() => store.read(widerService, rows)).toThrow(expect.objectContaining({ code: 'SERVICE_MISMATCH' }));
    expect(() => openOnlineStore({ path: join(folder.folder, 'nowhere'), readOnly: true })).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it('holds an entity whose name is longer than a key of the store may be', () => {
    store.register(lateness);
    const long = 'é'.repeat(1_500);
    const event: EventRecord = { ...(records.find(({ source }) => source === 'weather') as EventRecord), sequence: 1, op: 'assert', keys: { origin: long }, values: { temp: 7, sky: null, gust: null } };
    store.apply([event]);
    const [vector] = store.read(service, [{ keys: { origin: long, plane: 1 }, request: {}, at: event.eventTime }]);
    expect(vector?.values[service.features.findIndex(({ name }) => name === 'temp')]).toBe(7);
  });

  it('starts empty, as another generation, when another boot left it unsynced', async () => {
    store.register(lateness);
    store.apply(records);
    const path = join(folder.folder, 'online');
    const marker = readFileSync(join(path, 'boot'), 'utf8');
    await store.close();
    writeFileSync(join(path, 'boot'), `another-boot ${marker.split(' ')[1]}`);
    store = openOnlineStore({ path });
    expect([store.position(0), store.generation, store.definitions().length]).toEqual([0, 2, 0]);
  });
});

describe('a view that is registered late', () => {
  it('cannot be read before it is rebuilt, and then is as if it had been there from the start', async () => {
    store.register(lateness);
    store.apply(records.slice(0, 500));
    expect(store.register(wider)).toEqual({ rebuild: ['route_delays'] });
    expect(() => store.read(widerService, rows)).toThrow(expect.objectContaining({ code: 'SERVICE_MISMATCH' }));
    expect(values(store.read(service, rows))).toEqual(fresh(lateness, 500));
    await store.rebuild(wider, records.slice(0, 500));
    store.apply(records.slice(500));
    expect(values(store.read(widerService, rows))).toEqual(fresh(wider));
    expect(values(store.read(service, rows))).toEqual(fresh());
    expect(store.generation).toBe(2);
    expect(store.register(wider)).toEqual({ rebuild: [] });
  });

  it('misses nothing and counts nothing twice of what is applied while it is rebuilt', async () => {
    store.register(lateness);
    store.apply(records.slice(0, 300));
    store.register(wider);
    let applied = 300;
    async function* log() {
      for (const record of records) {
        if (record.sequence % 50 === 0 && applied < records.length) {
          await Promise.resolve();
          store.apply(records.slice(applied, applied + 30));
          applied += 30;
        }
        yield record; // the log is ahead of the store: it holds what was not applied yet
      }
    }
    await store.rebuild(wider, log());
    store.apply(records.slice(applied));
    expect(values(store.read(widerService, rows))).toEqual(fresh(wider));
  });

  it('fills views that stopped at different places in one pass, each event once', async () => {
    const long = createLog(34, 5_000);
    const widestService = compileService(widest);
    store.register(lateness);
    store.apply(long);
    store.register(wider);
    await expect(store.rebuild(wider, long.slice(0, 2_500))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(store.register(widest)).toEqual({ rebuild: ['route_delays', 'origin_day'] });
    await store.rebuild(widest, long);
    const memory = createMemoryStore();
    memory.register(widest);
    memory.apply(long);
    expect(values(store.read(widestService, rows))).toEqual(values(memory.read(widestService, rows)));
    expect(() => store.read(widerService, rows)).not.toThrow();
  });

  it('goes on after it was cut off, and refuses a log with a gap or an early end', async () => {
    const long = createLog(33, 5_000);
    store.register(lateness);
    store.apply(long);
    store.register(wider);
    function* broken() {
      yield* long.slice(0, 3_000);
      throw new Error('killed');
    }
    await expect(store.rebuild(wider, broken())).rejects.toThrow('killed');
    await reopen();
    await expect(store.rebuild(wider, long.slice(0, 4_000))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(store.rebuild(wider, [...long.slice(0, 4_100), ...long.slice(4_101)])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(() => store.read(widerService, rows)).toThrow(expect.objectContaining({ code: 'SERVICE_MISMATCH' }));
    await store.rebuild(wider, long);
    const memory = createMemoryStore();
    memory.register(wider);
    memory.apply(long);
    expect(values(store.read(widerService, rows))).toEqual(values(memory.read(widerService, rows)));
  });
});
