import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Settings, type LifecycleStatus } from '@mettle/contracts';
import { openPlatform, startGateway, type OpenPlatform, type RunningGateway } from '@mettle/gateway';
import { createClient, isRefusal, mettleErrorOf, type Client } from './index.ts';

const TOKEN = 'a-token-for-tests-only';
const ID = 'modelLifecycle:default/flights/first';

const status = (phase: LifecycleStatus['phase'], state: LifecycleStatus['state']): LifecycleStatus => ({
  id: ID, endpoint: 'flights', cause: 'first', kind: 'change', version: null, phase, state, waitsFor: 'something', watermark: null, waitsUntil: null, startedAt: 1, endedAt: null, verdict: null, reasons: [], effects: [], snapshot: null,
});
const spec = { endpoint: 'flights', cause: 'first', kind: 'change' as const, service: null, trainer: null, snapshot: null, initial: false, note: '', by: null };

describe('the client', () => {
  let home: string;
  let open: OpenPlatform;
  let gateway: RunningGateway;
  let client: Client;
  const settings = () => Settings.parse({ METTLE_HOME: home, METTLE_LOG_LEVEL: 'silent' });
  const temporal = new TemporalClient({ connection: Connection.lazy({ address: '127.0.0.1:9', interceptors: [] }) });

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'mettle-client-'));
    await writeFile(join(home, 'token'), TOKEN);
    open = await openPlatform({ settings: settings(), temporal });
    gateway = await startGateway(open.platform, open.plane, { port: 0 });
    client = createClient({ url: gateway.url, token: TOKEN, reconnectMs: 20 });
  });
  afterAll(async () => {
    await client.close();
    await gateway.stop();
    await open.close();
    await rm(home, { recursive: true, force: true });
  });

  it('calls typed procedures, side by side', async () => {
    const [services, models, health] = await Promise.all([client.features.listServices.query({}), client.models.list.query({}), client.health()]);
    expect([services, models]).toEqual([[], []]);
    expect(health).toMatchObject({ ready: true, dependencies: { database: 'up', temporal: 'down' } });
  });

  it('tells a refusal from an outage', async () => {
    const refused = await client.models.versions.query({ model: 'nope' }).catch((error: unknown) => error);
    expect([isRefusal(refused), isRefusal(refused, 'UNKNOWN_MODEL'), isRefusal(refused, 'FORBIDDEN')]).toEqual([true, true, false]);
    expect(mettleErrorOf(refused)).toMatchObject({ code: 'UNKNOWN_MODEL', message: "no model is named 'nope'", data: { model: 'nope' } });
    const away = await client.endpoints.advanceWatermark.mutate({ endpoint: 'nope', watermark: 1 }).catch((error: unknown) => error);
    expect(isRefusal(away, 'UNKNOWN_ENDPOINT')).toBe(true);

    const nobody = createClient({ url: 'http://127.0.0.1:9', token: TOKEN });
    const silent = await nobody.models.list.query({}).catch((error: unknown) => error);
    expect([isRefusal(silent), mettleErrorOf(silent).code]).toEqual([false, 'UNAVAILABLE']);
    await nobody.close();

    const stranger = createClient({ url: gateway.url, token: 'not the token at all' });
    const unknown = await stranger.models.list.query({}).catch((error: unknown) => error);
    expect(isRefusal(unknown, 'UNAUTHENTICATED')).toBe(true);
    await expect(stranger.files.exportSnapshot('a'.repeat(64))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const ended = await new Promise((resolve) => stranger.lifecycle.progress.subscribe({ id: ID }, { onError: resolve }));
    expect(String(ended)).toContain('no valid token');
    await stranger.close();
  });

  it('follows a lifecycle across a restart of the gateway, each status once', async () => {
    const { port } = new URL(gateway.url);
    const save = (one: LifecycleStatus) => open.platform.registry.saveLifecycle(one, spec);
    await save(status('train', 'running'));
    const seen: string[] = [];
    const connects: string[] = [];
    const waits = new Map<number, () => void>();
    const arrival = (count: number) => new Promise<void>((resolve) => (seen.length >= count ? resolve() : waits.set(count, resolve)));
    const done = new Promise<void>((resolve, reject) => {
      client.lifecycle.progress.subscribe({ id: ID }, {
        onStarted: () => void connects.push('started'),
        onData: ({ data }) => {
          seen.push(`${data.phase} ${data.state}`);
          waits.get(seen.length)?.();
        },
        onError: reject,
        onComplete: resolve,
      });
    });
    await arrival(1);
    await save(status('shadow', 'waiting'));
    await arrival(2);

    await gateway.stop();
    await open.close();
    open = await openPlatform({ settings: settings(), temporal });
    gateway = await startGateway(open.platform, open.plane, { port: Number(port) });
    await expect.poll(() => connects.length, { timeout: 10_000 }).toBeGreaterThan(1);
    await save(status('promote', 'done'));
    await done;
    expect(seen).toEqual(['train running', 'shadow waiting', 'promote done']);
  });

  it('says that a lifecycle is unknown rather than wait for it', async () => {
    const error = await new Promise((resolve) => client.lifecycle.progress.subscribe({ id: 'nope' }, { onError: resolve }));
    expect(mettleErrorOf(error).code).toBe('UNKNOWN_LIFECYCLE');
  });
});
