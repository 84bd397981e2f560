import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { hashOf, type RouteTable, type ServerLease } from '@mettle/contracts';
import { createControlPlane, remoteControlPlane } from './controlPlane.ts';
import { createRouteHub } from './routeHub.ts';

const table = (epoch: number): RouteTable => ({
  v: 1, endpoint: 'e', epoch, hash: hashOf(epoch), effectiveFrom: 0, clock: 'event', sealThrough: null, salt: '', stickyKeys: [], paused: false, champion: null, warm: [], challengers: [], shadows: [], overrides: [], files: {},
});
const piece = (name: string) => ({ log: 'predictions' as const, writer: 'a', hash: hashOf(name), bytes: 1, rows: 1, sequences: { from: 1, to: 1 } });
const lease = (more: Partial<ServerLease> = {}): ServerLease => ({ v: 1, server: 'a', endpoint: 'e', epoch: 1, sealedThrough: null, sealed: [], unsealed: null, departed: false, renewedAt: 0, ...more });
const ask = { endpoint: 'e', epoch: 1, sealed: null, timeoutMs: 5000 };

describe('the route hub', () => {
  it('wakes a server that waits when a later table is published, and never goes back', async () => {
    const hub = createRouteHub();
    hub.publish(table(1));
    const waiting = hub.waitForChange(ask);
    hub.publish(table(2));
    expect((await waiting)?.epoch).toBe(2);
    hub.publish(table(1));
    expect(hub.table('e')?.epoch).toBe(2);
  });
  it('wakes a server with the order to seal, once', async () => {
    const hub = createRouteHub();
    hub.publish(table(1));
    const waiting = hub.waitForChange(ask);
    hub.requestSeal('e', 100);
    expect((await waiting)?.sealThrough).toBe(100);
    expect(await hub.waitForChange({ ...ask, sealed: 100, timeoutMs: 5 })).toBeNull();
  });
  it('keeps the order to seal while the table changes', () => {
    const hub = createRouteHub();
    hub.requestSeal('e', 100);
    hub.publish(table(3));
    expect(hub.table('e')?.sealThrough).toBe(100);
  });
  it('holds a seal back until every known server has confirmed it, the silent ones included', async () => {
    const hub = createRouteHub();
    await hub.lease(lease({ sealedThrough: 100 }));
    hub.expect([lease({ server: 'b', sealedThrough: 100 })]);
    await expect(hub.awaitSealed('e', 100, 5)).rejects.toMatchObject({ code: 'UNAVAILABLE', data: { servers: ['b'] } });
    const sealed = hub.awaitSealed('e', 100, 5000);
    await hub.lease(lease({ server: 'b', sealedThrough: 100 }));
    await sealed;
  });
  it('waits for an epoch, but not for ever for a server that is gone', async () => {
    let now = 0;
    const hub = createRouteHub({ now: () => now });
    await hub.lease(lease({ epoch: 1 }));
    await hub.lease(lease({ server: 'b', epoch: 2 }));
    await expect(hub.awaitEpoch('e', 2, 5)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    now = 70_000;
    await hub.lease(lease({ server: 'b', epoch: 2 }));
    expect(await hub.awaitEpoch('e', 2, 5)).toBe(1);
  });
  it('hands out sealed pieces until they are registered, and then tells the server so', async () => {
    const hub = createRouteHub();
    const plane = createControlPlane({ hub, logs: [] });
    const confirmed = lease({ sealedThrough: 7, sealed: [piece('x')] });
    expect((await hub.lease(confirmed)).acknowledged).toEqual([]);
    expect(await plane.seal('e', 7)).toEqual([piece('x')]);
    await plane.forget([piece('x').hash]);
    expect(await plane.seal('e', 7)).toEqual([]);
    expect((await hub.lease(confirmed)).acknowledged).toEqual([piece('x').hash]);
  });
  /** What is remembered across restarts, as a gateway does. */
  const memory = () => {
    const leases = new Map<string, ServerLease>();
    return { leases, saveLease: (one: ServerLease) => Promise.resolve(void leases.set(one.server, one)), dropLease: (_e: string, server: string) => Promise.resolve(void leases.delete(server)) };
  };
  it('remembers a new server once', async () => {
    const store = memory();
    const hub = createRouteHub({ store });
    await hub.lease(lease({ unsealed: 3 }));
    await hub.lease(lease({ unsealed: 4 }));
    expect(store.leases.get('a')?.unsealed).toBe(3);
  });
  it('waits no longer for a server that went in order, and takes what it left even after a restart', async () => {
    const store = memory();
    const first = createRouteHub({ store });
    await first.lease(lease());
    await first.lease(lease({ sealed: [piece('x')], departed: true }));
    await first.awaitSealed('e', 100, 5);
    expect(await first.awaitEpoch('e', 9, 5)).toBe(0);
    const second = createRouteHub({ store });
    second.expect([...store.leases.values()]);
    const plane = createControlPlane({ hub: second, logs: [] });
    expect(await plane.seal('e', 100)).toEqual([piece('x')]);
    await plane.forget([piece('x').hash]);
    expect([await plane.seal('e', 100), second.servers('e'), [...store.leases]]).toEqual([[], [], []]);
  });
  it('waits again for one that went and comes back', async () => {
    const store = memory();
    const hub = createRouteHub({ store });
    await hub.lease(lease({ sealed: [piece('x')], departed: true }));
    await hub.lease(lease({ sealed: [piece('x')] }));
    expect(store.leases.get('a')).toMatchObject({ departed: false, sealed: [] });
    await expect(hub.awaitSealed('e', 100, 5)).rejects.toMatchObject({ data: { servers: ['a'] } });
  });
  it('says whose log is held, for how long and with how much, and goes on when an operator gives it up', async () => {
    let now = 0;
    const store = memory();
    const hub = createRouteHub({ now: () => now, store });
    await hub.lease(lease({ unsealed: 12 }));
    hub.expect([lease({ server: 'b' })]);
    hub.requestSeal('e', 100);
    expect(() => hub.checkDead('e', 'a')).toThrow(expect.objectContaining({ code: 'INVALID_TRANSITION' }) as Error);
    await expect(hub.forget('e', 'c')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    now = 61_000;
    expect(hub.held('e')).toEqual([
      { endpoint: 'e', server: 'a', sealThrough: 100, silentMs: 61_000, unsealed: 12 },
      { endpoint: 'e', server: 'b', sealThrough: 100, silentMs: 61_000, unsealed: null },
    ]);
    await expect(hub.awaitSealed('e', 100, 5)).rejects.toMatchObject({ code: 'LOG_HELD', data: { servers: ['a', 'b'], unsealed: [12, null] } });
    const sealed = hub.awaitSealed('e', 100, 5000);
    await hub.forget('e', 'a');
    await hub.forget('e', 'b');
    await sealed;
    expect([hub.held('e'), [...store.leases]]).toEqual([[], []]);
  });
  it('does not wait for the epoch of a server that is only known from an earlier life, and never came', async () => {
    let now = 0;
    const hub = createRouteHub({ now: () => now });
    hub.expect([lease({ server: 'b', epoch: 1 })]);
    await expect(hub.awaitEpoch('e', 2, 5)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    now = 61_000;
    expect(await hub.awaitEpoch('e', 2, 5)).toBe(0);
  });
});

describe('the control plane of a gateway elsewhere', () => {
  const answering = async (status: number, body: string, work: (plane: ReturnType<typeof remoteControlPlane>) => Promise<void>): Promise<void> => {
    const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await work(remoteControlPlane(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token'));
    } finally {
      server.close();
    }
  };
  it('passes a typed refusal on', () =>
    answering(503, JSON.stringify({ error: { code: 'LOG_HELD', message: 'held', hint: '', data: { servers: ['a'] } } }), async (plane) => {
      await expect(plane.seal('e', 1)).rejects.toMatchObject({ code: 'LOG_HELD', message: 'held', data: { servers: ['a'] } });
    }));
  // All of these may pass: what waits for them must not fail for good.
  it.each([[401, '{"error":{"code":"UNAUTHENTICATED","message":"no"}}'], [500, '{"error":{"code":"INTERNAL","message":"no"}}'], [502, '<html>'], [502, '{"error":{"code":"MADE_UP","message":"no"}}']])('takes an answer %i that is no refusal of what was asked for an outage: %s', (status, body) =>
    answering(status, body, async (plane) => {
      await expect(plane.seal('e', 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }));
  it('is UNAVAILABLE, and says where, when nothing answers', async () => {
    await expect(remoteControlPlane('http://127.0.0.1:9', 'token').seal('e', 1)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('http://127.0.0.1:9') as string });
  });
});
