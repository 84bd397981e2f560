import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FeatureVector } from '@mettle/contracts';
import { compileService } from '@mettle/feature-language';
import { startRedis, type TestRedis } from '@mettle/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleStoreProcess, startChild } from '../testing/child.ts';
import { createFolder } from '../testing/engine.ts';
import { lateness } from '../testing/project.ts';
import { createLog, createPredictions } from '../testing/world.ts';
import { createMemoryStore, openOnlineStore } from './open-online-store.ts';

const service = compileService(lateness);
type Seen = { values: FeatureVector['values']; statuses: FeatureVector['statuses']; position: number }[];

let script: string;
beforeAll(async () => void (script = await bundleStoreProcess()));
afterAll(() => rmSync(dirname(script), { recursive: true, force: true }));

describe.each(['lmdb', 'redis'] as const)('two processes on one store in %s', (kind) => {
  let redis: TestRedis;
  beforeAll(async () => {
    if (kind === 'redis') redis = await startRedis();
  });
  afterAll(async () => {
    if (kind === 'redis') await redis.stop();
  });
  const place = (folder: string, database: number): string => (kind === 'lmdb' ? join(folder, 'online') : redis.url.replace(/0$/, String(database)));
  const open = (path: string) => openOnlineStore(kind === 'lmdb' ? { path } : { url: path });

  it('a reader that stays open sees, at each call, the values of one position, and in time the last one', async () => {
    const { folder, remove } = createFolder();
    const path = place(folder, 1);
    const records = createLog(41, 3_000);
    const rows = createPredictions(42, 8);
    const store = open(path);
    await store.register(lateness);
    await store.apply(records.slice(0, 10));
    await store.close();

    const writer = startChild(script, ['write', path, 41, 3_000]);
    const reader = startChild(script, ['read', path, 42]);
    await reader.next();
    const seen: Seen[] = [];
    let last = false;
    for (let calls = 0; calls < 20_000; calls += 1) {
      reader.write('read');
      const answer = (await reader.next<Seen>()) as Seen;
      seen.push(answer);
      if (answer[0]?.position === records.length) {
        last = true;
        break;
      }
    }
    await writer.kill();
    await reader.kill();
    expect(last).toBe(true);

    const memory = createMemoryStore();
    await memory.register(lateness);
    const positions = seen.map((answer) => answer[0]?.position as number);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(new Set(positions).size).toBeGreaterThan(3);
    for (const answer of seen) {
      const position = answer[0]?.position as number;
      await memory.apply(records.slice(0, position));
      expect(answer.map((row) => row.position)).toEqual(rows.map(() => position));
      expect(answer.map(({ values, statuses }) => ({ values, statuses }))).toEqual((await memory.read(service, rows)).map(({ values, statuses }) => ({ values, statuses })));
    }
    remove();
  });

  it('a writer that is killed leaves whole batches: reopened, it goes on from its position and nothing counts twice', async () => {
    const { folder, remove } = createFolder();
    const path = place(folder, 2);
    const records = createLog(43, 4_000);
    const rows = createPredictions(44, 30);
    let acknowledged = 0;
    for (let round = 0; round < 6; round += 1) {
      const writer = startChild(script, ['write', path, 43, 4_000]);
      for (let batches = 0; batches < 12 + round * 9; batches += 1) {
        const said = await writer.next<{ position: number }>();
        if (said === undefined) break;
        acknowledged = said.position;
      }
      await writer.kill();
      const store = open(path);
      const position = await store.position(0);
      expect(position).toBeGreaterThanOrEqual(acknowledged);
      const memory = createMemoryStore();
      await memory.register(lateness);
      await memory.apply(records.slice(0, position));
      expect((await store.read(service, rows)).map(({ values }) => values)).toEqual((await memory.read(service, rows)).map(({ values }) => values));
      await store.close();
    }
    remove();
  });
});
