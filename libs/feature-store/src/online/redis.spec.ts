import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventRecord } from '@mettle/contracts';
import { isMettleError } from '@mettle/contracts';
import type { CompiledService, ServiceDefinition } from '@mettle/feature-language';
import { compileService } from '@mettle/feature-language';
import { startRedis, type TestRedis } from '@mettle/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lateness, wider, widest } from '../testing/project.ts';
import { createLog, createPredictions } from '../testing/world.ts';
import type { OnlineStore } from './online-store.ts';
import { createMemoryStore, openOnlineStore } from './open-online-store.ts';

const service = compileService(lateness);
const records = createLog(51, 600);
const rows = createPredictions(52, 25);

let redis: TestRedis;
let open: OnlineStore[];
const opened = (readOnly = false): OnlineStore => {
  const store = openOnlineStore({ url: redis.url, readOnly });
  open.push(store);
  return store;
};
beforeEach(async () => {
  open = [];
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(open.map((store) => store.close()));
  await redis.stop();
});

/** The position of a read, after checking every value and status against a store in memory at that position. */
async function checked(store: OnlineStore, definition: ServiceDefinition = lateness, compiled: CompiledService = service, log: readonly EventRecord[] = records): Promise<number> {
  const vectors = await store.read(compiled, rows);
  const position = vectors[0]?.read[0]?.position as number;
  const memory = createMemoryStore();
  await memory.register(definition);
  await memory.apply(log.slice(0, position));
  const expected = await memory.read(compiled, rows);
  expect(vectors.map(({ values, statuses }) => ({ values, statuses }))).toEqual(expected.map(({ values, statuses }) => ({ values, statuses })));
  for (const { read } of vectors) expect(read.map((one) => one.position)).toEqual(read.map(() => position));
  return position;
}
const unavailable = { code: 'UNAVAILABLE' };
/** Until Redis answers again. */
async function back(store: OnlineStore): Promise<number> {
  for (;;) {
    try {
      return await store.position(0);
    } catch (error) {
      if (!isMettleError(error) || error.code !== 'UNAVAILABLE') throw error;
      await delay(10);
    }
  }
}

describe('a Redis that is killed', () => {
  it('under writes and reads: UNAVAILABLE and whole batches, then on from its position; no read is ever of a mixed state', async () => {
    const [writer, reader] = [opened(), opened(true)];
    await writer.register(lateness);
    const seen: number[] = [];
    let failures = 0;
    let going = true;
    const reading = (async () => {
      while (going) {
        try {
          seen.push(await checked(reader));
        } catch (error) {
          if (!isMettleError(error)) throw error;
          expect(error.code).toBe('UNAVAILABLE');
          failures += 1;
          await delay(5);
        }
      }
    })();
    let acknowledged = 0;
    for (let kills = 0; kills < 3; kills += 1) {
      const killing = delay(60 + 40 * kills).then(() => redis.kill());
      let position = await back(writer);
      expect(position).toBeGreaterThanOrEqual(acknowledged);
      try {
        for (let step = 0; ; step += 1) {
          // Once the log is through, the same events again: a writer that was killed does so too.
          const from = position < records.length ? position : 0;
          await writer.apply(records.slice(from, from + 7));
          acknowledged = position = Math.max(position, from + Math.min(7, records.length - from));
          if (step % 20 === 19) await delay(1);
        }
      } catch (error) {
        expect(error).toMatchObject(unavailable);
      }
      await killing;
      await expect(reader.read(service, rows)).rejects.toMatchObject(unavailable);
      await expect(writer.apply(records)).rejects.toMatchObject(unavailable);
      await redis.start();
    }
    const position = await back(writer);
    expect(position).toBeGreaterThanOrEqual(acknowledged);
    await writer.apply(records.slice(position));
    await back(reader);
    expect(await checked(reader)).toBe(records.length);
    going = false;
    await reading;
    expect(failures).toBeGreaterThan(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('and comes back without its data: another generation, refused to who had read more, until it is filled again', async () => {
    const [writer, reader] = [opened(), opened(true)];
    await writer.register(lateness);
    await writer.apply(records);
    expect(await checked(reader)).toBe(records.length);
    const generation = await writer.generation();
    await redis.kill();
    await rm(join(redis.folder, 'appendonlydir'), { recursive: true });
    await redis.start();
    await expect(back(writer)).resolves.toBe(0);
    expect(await writer.generation()).toBeGreaterThan(generation);
    await expect(writer.apply(records.slice(300))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await back(reader);
    await expect(reader.read(service, rows)).rejects.toMatchObject({ code: 'SERVICE_MISMATCH' });
    expect(await writer.register(lateness)).toEqual({ rebuild: [] });
    await writer.apply(records.slice(0, 300));
    await expect(reader.read(service, rows)).rejects.toMatchObject(unavailable);
    expect(await checked(opened(true))).toBe(300);
    await writer.apply(records.slice(300));
    expect(await checked(reader)).toBe(records.length);
  });

  it('and comes back as it was before: refused to who had read more; views that it forgot are not read by their old place', async () => {
    const [writer, reader] = [opened(), opened(true)];
    const widerService = compileService(wider);
    await writer.register(lateness);
    const [aof, kept] = [join(redis.folder, 'appendonlydir'), join(redis.folder, 'kept')];
    await redis.kill();
    await cp(aof, kept, { recursive: true });
    await redis.start();
    await back(writer);
    await writer.register(wider);
    await back(reader);
    expect(await checked(reader, wider, widerService)).toBe(0);
    await redis.kill();
    await rm(aof, { recursive: true });
    await cp(kept, aof, { recursive: true });
    await redis.start();
    await back(writer);
    // Another view takes the place that the forgotten one had.
    const only = { ...widest, views: widest.views.filter(({ name }) => name !== 'route_delays') };
    await writer.register({ ...lateness, views: [...lateness.views, ...only.views.filter((view) => !lateness.views.some(({ name }) => name === view.name))] });
    await writer.apply(records);
    await back(reader);
    await expect(reader.read(widerService, rows)).rejects.toMatchObject({ code: 'SERVICE_MISMATCH' });
    expect(await checked(reader)).toBe(records.length);
  });
});

describe('a Redis that is shared', () => {
  it('has one writer: who was replaced writes and reads no more', async () => {
    const first = opened();
    await first.register(lateness);
    await first.apply(records.slice(0, 100));
    const second = opened();
    await second.apply(records.slice(0, 150));
    await expect(first.apply(records.slice(100, 200))).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await expect(first.position(0)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await second.apply(records.slice(150));
    expect(await checked(second)).toBe(records.length);
  });

  it('and loses its head alone starts empty: what is left of the earlier life is never read', async () => {
    const writer = opened();
    await writer.register(lateness);
    await writer.apply(records);
    const client = new Redis(redis.url);
    await client.del('{mettle}:head');
    await expect(opened(true).read(service, rows)).rejects.toMatchObject(unavailable);
    await writer.register(lateness);
    await writer.apply(records.slice(0, 40));
    expect(await checked(opened(true))).toBe(40);
    client.disconnect();
  });

  it('and may evict keys is refused', async () => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(opened().register(lateness)).rejects.toMatchObject({ code: 'UNAVAILABLE', data: { policy: 'allkeys-lru' } });
    client.disconnect();
  });

  it('many reads at once are each of one moment', async () => {
    const [writer, reader] = [opened(), opened(true)];
    await writer.register(lateness);
    let writing = true;
    const applied = (async () => {
      for (let from = 0; from < records.length; from += 9) await writer.apply(records.slice(from, from + 9));
      writing = false;
    })();
    while (writing) await Promise.all(Array.from({ length: 4 }, () => checked(reader)));
    await applied;
    expect(await checked(reader)).toBe(records.length);
  });
});

it('a Redis that is not there is UNAVAILABLE, without its password in the words', async () => {
  await redis.kill();
  const store = openOnlineStore({ url: redis.url.replace('redis://', 'redis://user:secret@'), readOnly: true });
  open.push(store);
  const error = await store.read(service, rows).catch((cause: unknown) => cause);
  expect(error).toMatchObject(unavailable);
  expect(JSON.stringify(error)).not.toContain('secret');
});
