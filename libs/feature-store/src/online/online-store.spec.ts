import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventRecord, FeatureVector } from '@mettle/contracts';
import { compileService } from '@mettle/feature-language';
import { startRedis, type TestRedis } from '@mettle/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFolder } from '../testing/engine.ts';
import { lateness, wider, widest } from '../testing/project.ts';
import { createLog, createPredictions } from '../testing/world.ts';
import { createMemoryStore, openOnlineStore } from './open-online-store.ts';
import type { OnlineStore } from './online-store.ts';

const service = compileService(lateness);
const widerService = compileService(wider);
const records = createLog(31, 700);
const rows = createPredictions(32, 60);

const values = (vectors: readonly FeatureVector[]) => vectors.map((vector) => ({ values: vector.values, statuses: vector.statuses }));
/** What a store that had everything from the start would say. */
async function fresh(definition = lateness, upTo = records.length) {
  const memory = createMemoryStore();
  await memory.register(definition);
  await memory.apply(records.slice(0, upTo));
  return values(await memory.read(definition === lateness ? service : widerService, rows));
}
describe.each(['memory', 'lmdb', 'redis'] as const)('an online store in %s', (kind) => {
  /** Memory does not undo, and need not: it holds what can be computed again. */
  const durable = (name: string, test: () => Promise<void>): void => void (kind === 'memory' || it(name, test));
  let redis: TestRedis;
  let folder: ReturnType<typeof createFolder>;
  let store: OnlineStore;
  const open = (): OnlineStore => (kind === 'memory' ? createMemoryStore() : openOnlineStore(kind === 'lmdb' ? { path: join(folder.folder, 'online') } : { url: redis.url }));
  /** As after the end of its process. */
  const reopen = async (): Promise<void> => {
    if (kind === 'memory') return;
    await store.close();
    store = open();
  };
  beforeAll(async () => {
    if (kind === 'redis') redis = await startRedis();
  });
  afterAll(async () => {
    if (kind === 'redis') await redis.stop();
  });
  beforeEach(async () => {
    folder = createFolder();
    if (kind === 'redis') {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    }
    store = open();
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  it('reads what the one in memory reads, with the position of its snapshot', async () => {
    await store.register(lateness);
    for (let from = 0; from < records.length; from += 25) await store.apply(records.slice(from, from + 25));
    const vectors = await store.read(service, rows);
    expect(values(vectors)).toEqual(await fresh());
    expect(vectors[0]).toMatchObject({ service: service.hash, at: rows[0]?.at });
    const generation = await store.generation();
    expect(vectors[0]?.read).toEqual(service.views.map(({ hash }) => ({ view: hash, partition: 0, position: records.length, generation })));
  });

  it('keeps definitions, positions and values when it is opened again', async () => {
    await store.register(lateness);
    await store.apply(records);
    await reopen();
    expect(await store.definitions()).toEqual([lateness]);
    expect(await store.position(0)).toBe(records.length);
    expect(values(await store.read(service, rows))).toEqual(await fresh());
    expect(await store.register(lateness)).toEqual({ rebuild: [] });
  });

  durable('ignores what it has applied, and refuses a gap whole', async () => {
    await store.register(lateness);
    await store.apply(records.slice(0, 100));
    await store.apply(records.slice(40, 120));
    await store.apply(records.slice(0, 10));
    expect(await store.position(0)).toBe(120);
    const gap = [...records.slice(120, 130), ...records.slice(131, 140)];
    await expect(store.apply(gap)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await store.position(0)).toBe(120);
    expect(values(await store.read(service, rows))).toEqual(await fresh(lateness, 120));
  });

  durable('undoes a batch of which one event cannot be applied', async () => {
    await store.register(lateness);
    await store.apply(records.slice(0, 100));
    const bad: EventRecord = { ...(records.find(({ source }) => source === 'landings') as EventRecord), sequence: 103, op: 'assert', values: { arr_delay: 1e300, seats: 1 } };
    await expect(store.apply([...records.slice(100, 102), bad])).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    expect(await store.position(0)).toBe(100);
    expect(values(await store.read(service, rows))).toEqual(await fresh(lateness, 100));
  });

  it('refuses a service whose views it does not keep', async () => {
    await store.register(lateness);
    await expect(store.read(widerService, rows)).rejects.toMatchObject({ code: 'SERVICE_MISMATCH' });
    expect(() => openOnlineStore({ url: 'http://127.0.0.1' })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => openOnlineStore({ path: join(folder.folder, 'nowhere'), readOnly: true })).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it('holds an entity whose name is longer than a key of the store may be', async () => {
    await store.register(lateness);
    const long = 'é'.repeat(1_500);
    const event: EventRecord = { ...(records.find(({ source }) => source === 'weather') as EventRecord), sequence: 1, op: 'assert', keys: { origin: long }, values: { temp: 7, sky: null, gust: null } };
    await store.apply([event]);
    const [vector] = await store.read(service, [{ keys: { origin: long, plane: 1 }, request: {}, at: event.eventTime }]);
    expect(vector?.values[service.features.findIndex(({ name }) => name === 'temp')]).toBe(7);
  });

  if (kind === 'lmdb') it('starts empty, as another generation, when another boot left it unsynced', async () => {
    await store.register(lateness);
    await store.apply(records);
    const path = join(folder.folder, 'online');
    const marker = readFileSync(join(path, 'boot'), 'utf8');
    await store.close();
    writeFileSync(join(path, 'boot'), `another-boot ${marker.split(' ')[1]}`);
    store = openOnlineStore({ path });
    expect([await store.position(0), await store.generation(), (await store.definitions()).length]).toEqual([0, 2, 0]);
  });

  describe('a view that is registered late', () => {
  it('cannot be read before it is rebuilt, and then is as if it had been there from the start', async () => {
    await store.register(lateness);
    await store.apply(records.slice(0, 500));
    expect(await store.register(wider)).toEqual({ rebuild: ['route_delays'] });
    await expect(store.read(widerService, rows)).rejects.toMatchObject({ code: 'SERVICE_MISMATCH' });
    expect(values(await store.read(service, rows))).toEqual(await fresh(lateness, 500));
    const before = await store.generation();
    await store.rebuild(wider, records.slice(0, 500));
    await store.apply(records.slice(500));
    expect(values(await store.read(widerService, rows))).toEqual(await fresh(wider));
    expect(values(await store.read(service, rows))).toEqual(await fresh());
    expect(await store.generation()).toBe(before + 1);
    expect(await store.register(wider)).toEqual({ rebuild: [] });
  });

  it('misses nothing and counts nothing twice of what is applied while it is rebuilt', async () => {
    await store.register(lateness);
    await store.apply(records.slice(0, 300));
    await store.register(wider);
    let applied = 300;
    async function* log() {
      for (const record of records) {
        if (record.sequence % 50 === 0 && applied < records.length) {
          await Promise.resolve();
          await store.apply(records.slice(applied, applied + 30));
          applied += 30;
        }
        yield record; // the log is ahead of the store: it holds what was not applied yet
      }
    }
    await store.rebuild(wider, log());
    await store.apply(records.slice(applied));
    expect(values(await store.read(widerService, rows))).toEqual(await fresh(wider));
  });

  it('fills views that stopped at different places in one pass, each event once', async () => {
    const long = createLog(34, 5_000);
    const widestService = compileService(widest);
    await store.register(lateness);
    await store.apply(long);
    await store.register(wider);
    await expect(store.rebuild(wider, long.slice(0, 2_500))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await store.register(widest)).toEqual({ rebuild: ['route_delays', 'origin_day'] });
    await store.rebuild(widest, long);
    const memory = createMemoryStore();
    await memory.register(widest);
    await memory.apply(long);
    expect(values(await store.read(widestService, rows))).toEqual(values(await memory.read(widestService, rows)));
    expect(await store.read(widerService, rows)).toHaveLength(rows.length);
  });

  durable('goes on after it was cut off, and refuses a log with a gap or an early end', async () => {
    const long = createLog(33, 5_000);
    await store.register(lateness);
    await store.apply(long);
    await store.register(wider);
    function* broken() {
      yield* long.slice(0, 3_000);
      throw new Error('killed');
    }
    await expect(store.rebuild(wider, broken())).rejects.toThrow('killed');
    await reopen();
    await expect(store.rebuild(wider, long.slice(0, 4_000))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(store.rebuild(wider, [...long.slice(0, 4_100), ...long.slice(4_101)])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(store.read(widerService, rows)).rejects.toMatchObject({ code: 'SERVICE_MISMATCH' });
    await store.rebuild(wider, long);
    const memory = createMemoryStore();
    await memory.register(wider);
    await memory.apply(long);
    expect(values(await store.read(widerService, rows))).toEqual(values(await memory.read(widerService, rows)));
  });
});
});
