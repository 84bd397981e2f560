import { describe, expect, it } from 'vitest';
import { hashOf, type RouteTable, type ServerLease } from '@mettle/contracts';
import { createControlPlane } from './controlPlane.ts';
import { createRouteHub } from './routeHub.ts';

const table = (epoch: number): RouteTable => ({
  v: 1, endpoint: 'e', epoch, hash: hashOf(epoch), effectiveFrom: 0, clock: 'event', sealThrough: null, salt: '', stickyKeys: [], paused: false, champion: null, warm: [], challengers: [], shadows: [], overrides: [], files: {},
});
const piece = (name: string) => ({ log: 'predictions' as const, writer: 'a', hash: hashOf(name), bytes: 1, rows: 1, sequences: { from: 1, to: 1 } });
const lease = (more: Partial<ServerLease> = {}): ServerLease => ({ v: 1, server: 'a', endpoint: 'e', epoch: 1, sealedThrough: null, sealed: [], renewedAt: 0, ...more });
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
  it('remembers a new server and forgets one that stopped in order', async () => {
    const stored: string[] = [];
    const hub = createRouteHub({ store: { saveLease: (one) => Promise.resolve(void stored.push(`+${one.server}`)), dropLease: (_e, server) => Promise.resolve(void stored.push(`-${server}`)) } });
    await hub.lease(lease());
    await hub.lease(lease());
    await hub.retire('e', 'a');
    expect(stored).toEqual(['+a', '-a']);
    await hub.awaitSealed('e', 1, 5);
  });
});
