import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAppendLog, readPiece } from '@mettle/event-log';
import type { InferenceServer } from '../server.ts';
import { besideOf, call, ENDPOINT, infer, inputs, openWorld, servedOf, startShadowed, T, type World } from '../testing/world.ts';

let world: World;
let server: InferenceServer;
beforeEach(async () => {
  world = await openWorld();
  server = await startShadowed(world);
});
afterEach(() => world.close());

const idsOf = (entries: readonly { requestId: string }[]): string[] => entries.map(({ requestId }) => requestId).sort();

describe('a request id', () => {
  it('gets its first answer again, from memory, after a seal, and after a restart', async () => {
    const first = await infer(server, { id: 'once', inputs: inputs(3) });
    expect((await infer(server, { id: 'once', inputs: inputs(3) })).text).toBe(first.text);
    await server.stop();
    server = await world.start();
    // Another store position now: a second prediction would differ.
    await world.push('weather', { origin: 'JFK' }, { temp: 99 }, T - 1);
    expect((await infer(server, { id: 'once', inputs: inputs(3) })).text).toBe(first.text);
    await world.logged();
    expect((await infer(server, { id: 'once', inputs: inputs(3) })).text).toBe(first.text);
    const entries = await world.logged();
    expect(idsOf(servedOf(entries))).toEqual(['once']);
    expect(idsOf(besideOf(entries))).toEqual(['once']);
  });

  it('names one body', async () => {
    await infer(server, { id: 'mine', inputs: inputs(3) });
    expect(await infer(server, { id: 'mine', inputs: inputs(2) })).toMatchObject({ status: 409, body: { code: 'REQUEST_REUSED', data: { requestId: 'mine' } } });
    await server.stop();
    server = await world.start();
    expect((await infer(server, { id: 'mine', inputs: inputs(2) })).body.code).toBe('REQUEST_REUSED');
  });

  it('that is sent ten times at once is predicted once', async () => {
    // Over connections that are open already, so that the requests meet.
    await Promise.all(Array.from({ length: 10 }, () => call(server.url, 'GET', '/v2')));
    const ids = Array.from({ length: 10 }, (_, i) => `crowd-${i}`);
    for (const id of ids) {
      const replies = await Promise.all(Array.from({ length: 10 }, () => infer(server, { id, inputs: inputs(200) })));
      expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    }
    expect(idsOf(servedOf(await world.logged()))).toEqual(ids);
  });

  it('is free again after a request that was refused', async () => {
    expect((await infer(server, { id: 'retry', inputs: inputs(2).slice(1) })).status).toBe(400);
    expect((await infer(server, { id: 'retry', inputs: inputs(2) })).status).toBe(200);
  });

  it('comes from the header where the body has none, and is made where neither has one', async () => {
    expect((await infer(server, { inputs: inputs(1) }, { 'x-request-id': 'from-header', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })).body.id).toBe('from-header');
    expect((await infer(server, { inputs: inputs(1) })).body.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(servedOf(await world.logged()).find(({ requestId }) => requestId === 'from-header')!.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });
});

describe('the prediction log', () => {
  it('is finished at a start, each request by the table that served it', async () => {
    await infer(server, { id: 'template', inputs: inputs(2) });
    const [template] = servedOf(await world.logged());
    world.decide('reject', 2);
    await world.served();
    await server.stop();
    // As a kill leaves it: served under the table before, its shadow's answer missing.
    const log = await openAppendLog({ dir: join(world.home, 'inference', 's1', 'log', ENDPOINT), durability: 'process' });
    await log.append([{ ...template!, requestId: 'cut-short' }]);
    await log.close();
    server = await world.start();
    const beside = besideOf(await world.logged()).filter(({ requestId }) => requestId === 'cut-short');
    expect(beside.map(({ epoch, rows }) => [epoch, rows.map(({ scores }) => scores.map(({ version, arm, error }) => [version.version, arm, error]))])).toEqual([[template!.epoch, Array(2).fill([[2, 'shadow', null]])]]);
  });

  it('is sealed on order; pieces stay until they are acknowledged', async () => {
    world.gateway.acknowledge = false;
    await infer(server, { id: 'a', inputs: inputs(1) });
    await world.logged();
    const held = await world.gateway.lease(ENDPOINT, ({ sealed }) => sealed.length === 1);
    await infer(server, { id: 'b', inputs: inputs(1) });
    await world.logged();
    const both = await world.gateway.lease(ENDPOINT, ({ sealed }) => sealed.length === 2);
    expect(both.sealed[0]).toEqual(held.sealed[0]);
    expect(both.sealed.map(({ log, writer, sequences }) => [log, writer, sequences])).toEqual([['predictions', 's1', { from: 1, to: 2 }], ['predictions', 's1', { from: 3, to: 4 }]]);
    await server.stop();
    server = await world.start();
    await world.logged();
    const again = await world.gateway.lease(ENDPOINT, ({ sealed }) => sealed.length === 2);
    expect(again.sealed).toEqual(both.sealed);
    world.gateway.acknowledge = true;
    await world.gateway.lease(ENDPOINT, ({ sealed }) => sealed.length === 0);
    expect(idsOf(servedOf(await world.logged()))).toEqual(['a', 'b']);
  });

  it('holds both halves of every prediction in one piece, whatever comes while it is sealed', async () => {
    let sent = 0;
    let running = true;
    const answered: string[] = [];
    const client = async (): Promise<void> => {
      while (running) {
        sent += 1;
        const reply = await infer(server, { id: `r${sent}`, inputs: inputs(2) });
        expect(reply.status).toBe(200);
        answered.push(reply.body.id!);
      }
    };
    const clients = Array.from({ length: 6 }, client);
    for (let i = 0; i < 8; i += 1) await world.logged();
    running = false;
    await Promise.all(clients);
    await world.logged();
    expect(world.gateway.pieces.size).toBeGreaterThan(3);
    const halves: string[] = [];
    for (const { hash } of world.gateway.pieces.values()) {
      const entries = readPiece<{ kind: string; requestId: string }>(await world.blobs.get(hash));
      expect(idsOf(entries.filter(({ kind }) => kind === 'served'))).toEqual(idsOf(entries.filter(({ kind }) => kind === 'beside')));
      halves.push(...entries.filter(({ kind }) => kind === 'served').map(({ requestId }) => requestId));
    }
    expect(halves.sort()).toEqual(answered.sort());
    const stats = (await call(server.url, 'GET', '/v2/stats')).body;
    expect([stats['rows'], stats['beside']]).toEqual([answered.length * 2, answered.length * 2]);
  });
});
