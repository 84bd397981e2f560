import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from '@mettle/contracts';
import { openAppendLog } from '@mettle/event-log';
import { replicaName } from '../replicaName.ts';
import type { InferenceServer } from '../server.ts';
import { besideOf, ENDPOINT, infer, inputs, openWorld, servedOf, startShadowed, type World } from '../testing/world.ts';

let world: World;
let server: InferenceServer;
beforeEach(async () => {
  world = await openWorld();
  world.gateway.acknowledge = false;
  server = await startShadowed(world);
});
afterEach(() => world.close());

const lease = () => world.gateway.lease(ENDPOINT, () => true);

describe('a server that stops in order', () => {
  it('leaves its whole log in the blob store, both halves of each prediction, and says that it goes', async () => {
    await infer(server, { id: 'last', inputs: inputs(3) });
    await server.stop();
    expect(await lease()).toMatchObject({ departed: true, unsealed: 0 });
    const entries = await world.entries();
    expect([servedOf(entries).map(({ requestId }) => requestId), besideOf(entries).map(({ requestId }) => requestId)]).toEqual([['last'], ['last']]);
  });

  it('keeps its log when nobody hears it, and comes back with it', async () => {
    await infer(server, { id: 'last', inputs: inputs(3) });
    await world.gateway.down();
    await server.stop();
    expect(world.errors.some(({ what }) => what.includes('kept for the next start'))).toBe(true);
    await world.gateway.up();
    server = await world.start();
    expect((await world.gateway.lease(ENDPOINT, ({ sealed, departed }) => sealed.length > 0 || !departed)).departed).toBe(false);
    expect(servedOf(await world.logged()).map(({ requestId }) => requestId)).toEqual(['last']);
  });

  it('does not part with half a prediction: what is not scored beside yet stays, and is waited for', async () => {
    await infer(server, { id: 'half', inputs: inputs(3) });
    const [served] = servedOf(await world.logged());
    await server.stop();
    const log = await openAppendLog({ dir: join(world.home, 'inference', 's1', 'log', ENDPOINT), durability: 'process' });
    await log.append([{ ...served!, requestId: 'whole later', body: 'x' }]);
    await log.close();
    // No table can be loaded that says what to score beside.
    rmSync(join(world.home, 'inference', 's1', 'routes.json'));
    const good = world.table;
    const { file: _file, ...rest } = good.files['trips@1']!;
    world.publish({ ...good, epoch: good.epoch + 1, hash: hashOf('broken'), files: { ...good.files, 'trips@1': { ...rest, file: hashOf('nothing is stored here') } } });
    server = await world.start();
    await world.gateway.lease(ENDPOINT, ({ unsealed, departed }) => unsealed! > 0 && !departed);
    await server.stop();
    expect((await lease()).departed).toBe(false);
    expect(servedOf(await world.entries()).map(({ requestId }) => requestId)).toEqual(['half']);
  });
});

describe('a lease', () => {
  it('counts the predictions that are acknowledged and not sealed', async () => {
    await infer(server, { inputs: inputs(3) });
    await infer(server, { inputs: inputs(2) });
    await world.gateway.lease(ENDPOINT, ({ unsealed }) => unsealed === 5);
    await world.logged();
    expect((await world.gateway.lease(ENDPOINT, ({ sealed }) => sealed.length > 0)).unsealed).toBe(0);
    await infer(server, { inputs: inputs(1) });
    await world.gateway.lease(ENDPOINT, ({ unsealed }) => unsealed === 1);
  });
});

describe('the name of a replica', () => {
  const folder = (): string => mkdtempSync(join(tmpdir(), 'mettle-name-'));
  it('stays with the folder of its log, and is no other folder\'s', () => {
    const [one, other] = [folder(), folder()];
    const name = replicaName(one, '0.0.0.0', undefined);
    expect(replicaName(one, '0.0.0.0', undefined)).toBe(name);
    expect(replicaName(other, '0.0.0.0', undefined)).not.toBe(name);
  });
  it('is METTLE_SERVER where that is set, and inference-0 beside its gateway', () => {
    expect(replicaName(folder(), '0.0.0.0', 'west-1.b')).toBe('west-1.b');
    expect(replicaName(folder(), '127.0.0.1', undefined)).toBe('inference-0');
  });
  it.each(['', '.', '..', 'a/b', '../x', 'a b', 'ü', 'x'.repeat(101)])('is no path: %j', (name) => {
    expect(() => replicaName(folder(), '0.0.0.0', name)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
  });
  it('is not made up anew when the file that holds it is damaged', () => {
    const place = folder();
    writeFileSync(join(place, 'name'), '../x\n');
    expect(() => replicaName(place, '0.0.0.0', undefined)).toThrow(/holds no name/);
  });
});
