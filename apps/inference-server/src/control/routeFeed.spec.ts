import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from '@mettle/contracts';
import type { InferenceServer } from '../server.ts';
import { call, ENDPOINT, infer, inputs, openWorld, servedOf, T, type World } from '../testing/world.ts';

let world: World;
let server: InferenceServer;
beforeEach(async () => {
  world = await openWorld();
  await world.addVersion(1, 'tree.onnx');
  await world.addVersion(2, 'tree-b.onnx');
  world.decide('deploy', 1);
  server = await world.start();
  await world.served();
});
afterEach(() => world.close());

const versionOf = async (): Promise<unknown> => (await infer(server, { inputs: inputs(1) })).body.parameters?.['versions'];
const warned = (text: string) => world.errors.filter(({ what }) => what.includes(text)).length;

describe('the route feed', () => {
  it('switches every answer at once and loses none, through fifty promotions and rollbacks under load', async () => {
    world.decide('startShadow', 2);
    world.decide('startChallenge', 2, 1);
    world.decide('promote', 2);
    await world.served();
    let running = true;
    const seen = new Set<string>();
    const client = async (): Promise<void> => {
      while (running) {
        const { status, body } = await infer(server, { inputs: inputs(3) });
        expect(status).toBe(200);
        const [first, ...others] = String(body.parameters!['versions']).split(',');
        expect(others).toEqual([first, first]);
        // Odd epochs are by one version, even ones by the other.
        seen.add(`${Number(body.parameters!['epoch']) % 2} ${first}`);
      }
    };
    const clients = Array.from({ length: 4 }, client);
    for (let i = 0; i < 25; i += 1) {
      world.decide('rollBack', 2);
      await world.served();
      world.decide('promote', 2);
      await world.served();
    }
    running = false;
    await Promise.all(clients);
    expect([...seen].sort()).toEqual(['0 trips@2', '1 trips@1']);
    expect(servedOf(await world.logged()).length).toBe((await call(server.url, 'GET', '/v2/stats')).body['requests']);
  });

  it('is not needed to answer: outages change nothing, and what came meanwhile is caught up', async () => {
    await world.gateway.down();
    expect(await versionOf()).toBe('trips@1');
    world.decide('startShadow', 2);
    world.decide('startChallenge', 2, 10_000);
    await world.gateway.up();
    await world.served();
    expect(await versionOf()).toBe('trips@2');
    expect(warned('interrupted')).toBeGreaterThan(0);
  });

  it('is not needed to start: the last table is on disk', async () => {
    await server.stop();
    await world.gateway.down();
    server = await world.start();
    expect((await call(server.url, 'GET', '/v2/health/ready')).status).toBe(200);
    expect(await versionOf()).toBe('trips@1');
    await world.gateway.up();
  });

  it('brings the routes again when what was kept cannot be read', async () => {
    await server.stop();
    const path = join(world.home, 'inference', 's1', 'routes.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
    server = await world.start();
    await world.served();
    while ((await infer(server, { inputs: inputs(1) })).status !== 200) { /* the table is on its way */ }
    expect(warned('kept routes')).toBe(1);
  });

  it('keeps the old table while a champion cannot be loaded', async () => {
    const { file, ...rest } = world.table.files['trips@1']!;
    const broken = hashOf('nothing is stored here');
    expect(file).not.toBe(broken);
    const good = world.table;
    world.publish({ ...good, epoch: good.epoch + 1, hash: hashOf('broken'), champion: { model: 'trips', version: 9 }, files: { ...good.files, 'trips@9': { ...rest, file: broken } } });
    while (warned('is not served yet') < 7) expect(await versionOf()).toBe('trips@1');
    expect((await world.gateway.lease(ENDPOINT, () => true)).epoch).toBe(good.epoch);
    world.publish({ ...good, epoch: good.epoch + 2, hash: hashOf('mended') });
    await world.served();
    expect(await versionOf()).toBe('trips@1');
  });

  it('is not held up by a candidate that cannot be loaded: its rows are errors', async () => {
    const { file: _file, ...rest } = world.table.files['trips@1']!;
    const good = world.table;
    world.publish({
      ...good, epoch: good.epoch + 1, hash: hashOf('bad shadow'), shadows: [{ version: { model: 'trips', version: 9 }, sample: 10_000 }],
      files: { ...good.files, 'trips@9': { ...rest, file: await world.blobs.put(Buffer.from('no model')) } },
    });
    await world.served();
    await infer(server, { id: 'beside-nothing', inputs: inputs(2) });
    const entries = await world.logged();
    const beside = entries.find((entry) => entry.kind === 'beside' && entry.requestId === 'beside-nothing');
    expect(beside!.rows.map((row) => row.scores.map(({ error }) => error))).toEqual(Array(2).fill(['MODEL_UNAVAILABLE: the version could not be loaded']));
  });

  it('refuses to serve a definition that is another service than the table says', async () => {
    const good = world.table;
    world.publish({ ...good, epoch: good.epoch + 1, hash: hashOf('other'), files: { 'trips@1': { ...good.files['trips@1']!, service: hashOf('another service') } } });
    while (warned('is not served yet') < 1) expect(await versionOf()).toBe('trips@1');
    expect(world.errors.some(({ error }) => String(error).includes('another service'))).toBe(true);
  });
});

describe('the online store', () => {
  it('may come later than the server, and may be replaced', async () => {
    const other = await openWorld();
    try {
      await other.online.close();
      const store = join(other.home, 'online');
      await rm(store, { recursive: true });
      await other.addVersion(1, 'tree.onnx');
      other.decide('deploy', 1);
      const alone = await other.start();
      await other.served();
      expect((await infer(alone, { inputs: inputs(1) })).body.code).toBe('UNAVAILABLE');
      expect((await call(alone.url, 'GET', '/v2/health/ready')).status).toBe(503);

      const { openOnlineStore } = await import('@mettle/feature-store');
      const { tripsDefinition } = await import('../testing/trips.ts');
      const temperature = async (temp: number): Promise<void> => {
        const online = openOnlineStore({ path: store });
        await online.register(tripsDefinition);
        await online.apply([{ v: 1, eventId: 'e', source: 'weather', schema: hashOf('s'), keys: { origin: 'JFK' }, values: { temp }, eventTime: T - 1, publishedAt: T - 1, knownAt: T - 1, partition: 0, sequence: 1, revision: 0, op: 'assert' }]);
        await online.close();
      };
      const probabilities = async (): Promise<number[] | undefined> => (await infer(alone, { inputs: inputs(1) })).body.outputs?.[0]?.data;
      await temperature(20);
      let cold = await probabilities();
      while (cold === undefined) cold = await probabilities();
      await rm(store, { recursive: true });
      await temperature(90);
      let warm = await probabilities();
      while (warm === undefined || warm.join() === cold.join()) warm = await probabilities();
      expect(warm).not.toEqual(cold);
    } finally {
      await other.close().catch(() => undefined);
    }
  });
});
