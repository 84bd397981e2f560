import { request as httpRequest } from 'node:http';
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOf, predictionIdOf } from '@mettle/contracts';
import { openPlatform } from '../platform/openPlatform.ts';
import type { AppRouter } from '../routers/app.ts';
import { appRouter } from '../routers/app.ts';
import { startGateway, type RunningGateway } from '../startGateway.ts';
import { openTestPlatform, TOKENS, type TestPlatform } from '../testing/testPlatform.ts';
import { declaration, report, T0, tripsDefinition } from '../testing/trips.ts';
import { FILE_PATHS } from './files.ts';
import { PUBLIC_ROUTES, createServer } from './server.ts';

describe('the HTTP server', () => {
  let test: TestPlatform;
  let gateway: RunningGateway;
  beforeAll(async () => {
    test = await openTestPlatform();
    gateway = await startGateway(test.platform, test.plane, { port: 0 });
  });
  afterAll(async () => {
    await gateway.stop();
    await test.close();
  });
  const call = (path: string, init: RequestInit & { token?: string | null } = {}) => {
    const { token = TOKENS.admin, ...rest } = init;
    return fetch(`${gateway.url}${path}`, { ...rest, headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...(rest.headers as object) } });
  };
  const json = (body: unknown) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const clientOf = (token: string) => createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${gateway.url}/trpc`, headers: { authorization: `Bearer ${token}` } })] });

  it('says what a body is not, and lets the client of one that is too large read so', async () => {
    const said = async (body: string, type = 'application/json') => {
      const reply = await call('/api/endpoints', { method: 'POST', headers: { 'content-type': type }, body });
      return [reply.status, ((await reply.json()) as { error: { code: string; data: { field?: string } } }).error] as const;
    };
    expect(await said('{"cadence":NaN}')).toMatchObject([400, { code: 'INVALID_INPUT', data: { field: 'body' } }]);
    expect(await said('{}', 'text/plain')).toMatchObject([400, { code: 'INVALID_INPUT', data: { field: 'content-type' } }]);
    expect(await said(' '.repeat(100 * 1024 * 1024))).toMatchObject([413, { code: 'TOO_LARGE' }]);
  });

  describe('without a token', () => {
    const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>);

    it.each(procedures)('refuses %s', async (path, procedure) => {
      const reply = await call(`/trpc/${path}`, { token: null, ...(procedure._def.type === 'mutation' ? json({}) : {}) });
      expect(reply.status).toBe(401);
      expect(((await reply.json()) as { error: { data: { mettle: { code: string } } } }).error.data.mettle.code).toBe('UNAUTHENTICATED');
      const inProcess = (test.as(null) as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>)[path.split('.')[0]!]![path.split('.')[1]!]!;
      await expect(inProcess({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    });

    it('refuses every HTTP route but the probes, and what is no route', async () => {
      const routes: { method: string; url: string }[] = [];
      const app = await createServer(test.platform, test.plane, { onRoute: (route) => routes.push(route) });
      await app.ready();
      expect(routes.length).toBeGreaterThan(12);
      for (const { method, url } of routes.filter((route) => !PUBLIC_ROUTES.includes(route.url))) {
        for (const token of [undefined, 'Bearer wrong', `Bearer ${TOKENS.admin}x`, 'Basic abc']) {
          const reply = await app.inject({ method: method as 'GET', url: url.replace('*', 'endpoints').replaceAll(/:\w+/g, 'x'), headers: token === undefined ? {} : { authorization: token } });
          expect([method, url, reply.statusCode]).toEqual([method, url, 401]);
        }
      }
      expect((await call('/nothing/here', { token: null })).status).toBe(401);
      expect((await call('/nothing/here')).status).toBe(404);
      await app.close();
    });

    it('answers the probes', async () => {
      expect(await (await call('/health/live', { token: null })).json()).toEqual({ status: 'live' });
      expect(await (await call('/health/ready', { token: null })).json()).toEqual({ status: 'ready' });
    });
  });

  it('knows principals by their tokens and denies what their role does not allow', async () => {
    const viewer = clientOf(TOKENS.viewer);
    expect(await viewer.features.listServices.query({})).toEqual([]);
    const error = await viewer.features.push.mutate({ source: 'weather', events: [] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TRPCClientError);
    expect((error as TRPCClientError<AppRouter>).data).toMatchObject({ httpStatus: 403, mettle: { code: 'FORBIDDEN', data: { roles: ['scientist', 'platform'] } } });
    expect((await call('/internal/leases', { token: TOKENS.scientist, ...json({}) })).status).toBe(403);
  });

  it('answers only under its own name, and to no page of another origin', async () => {
    const status = (headers: Record<string, string>) => new Promise<number>((resolve, reject) => {
      const { port } = new URL(gateway.url);
      httpRequest({ host: '127.0.0.1', port, path: '/health/live', headers }, (reply) => { reply.resume(); resolve(reply.statusCode ?? 0); }).on('error', reject).end();
    });
    expect(await status({ host: 'evil.example:7410' })).toBe(403);
    expect(await status({ host: 'localhost:7410' })).toBe(200);
    expect(await status({ host: '[::1]:7410' })).toBe(200);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'http://localhost:3000' })).toBe(200);
  });

  it('maps errors once: code, hint and data, and no stack', async () => {
    const reply = await call('/trpc/features.getService?input=%7B%22service%22%3A%22nope%22%7D');
    expect(reply.status).toBe(404);
    const { error } = (await reply.json()) as { error: { data: Record<string, unknown> } };
    expect(error.data['mettle']).toEqual({ code: 'UNKNOWN_SERVICE', hint: 'register the feature service first', data: { service: 'nope', known: [] } });
    expect(JSON.stringify(error)).not.toContain('node_modules');
    const bad = await clientOf(TOKENS.admin).endpoints.get.query({ endpoint: '1bad' }).catch((e: unknown) => e);
    expect((bad as TRPCClientError<AppRouter>).data).toMatchObject({ code: 'BAD_REQUEST', mettle: { code: 'INVALID_INPUT', data: { field: 'endpoint' } } });
  });

  it('refuses a body above its cap before reading it', async () => {
    const reply = await call('/trpc/features.push', { method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.alloc(17 * 1024 * 1024, 32) });
    expect(reply.status).toBe(413);
    expect(((await reply.json()) as { error: { data: { mettle: { code: string } } } }).error.data.mettle.code).toBe('TOO_LARGE');
  });

  it('describes every procedure but the subscriptions in OpenAPI, and answers by it', async () => {
    const document = (await (await call('/openapi.json')).json()) as { paths: Record<string, Record<string, { security?: unknown }>> };
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const queriesAndMutations = Object.values(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>).filter((p) => p._def.type !== 'subscription').length;
    const files = Object.values(FILE_PATHS).flatMap((path) => Object.keys(path)).length;
    expect(operations.length).toBe(queriesAndMutations + files);
    expect(operations.every((operation) => operation.security !== undefined)).toBe(true);

    const registered = await call('/api/features/services', json({ definition: tripsDefinition }));
    expect(registered.status).toBe(200);
    const { service } = (await registered.json()) as { service: string };
    const pushed = await call('/api/features/events', json({ source: 'weather', events: [report(1, 20)] }));
    expect(await pushed.json()).toEqual({ accepted: 1, duplicates: 0, position: 1 });
    expect((await call('/api/endpoints', json(declaration(service)))).status).toBe(200);
    expect(await (await call('/api/endpoints/trips/served?at=5')).json()).toBe(null);
    expect(await (await call('/api/lifecycles?endpoint=trips&open=true')).json()).toEqual([]);
    const missing = await call('/api/features/services/nope');
    expect([missing.status, ((await missing.json()) as { error: { code: string } }).error.code]).toEqual([404, 'UNKNOWN_SERVICE']);
  });

  it('goes on with pushes and labels while Temporal is away, and says so', async () => {
    const client = clientOf(TOKENS.admin);
    expect((await client.features.push.mutate({ source: 'weather', events: [report(2, 21)] })).accepted).toBe(1);
    const label = { labelId: 'l1', target: { predictionId: predictionIdOf('trips', 'r1', 0) }, value: 1, revision: 0, eventTime: T0, publishedAt: T0, source: 'desk' };
    expect(await client.datasets.pushLabels.mutate({ endpoint: 'trips', labels: [label] })).toEqual({ accepted: 1, duplicates: 0 });
    const health = (await (await call('/health')).json()) as { ready: boolean; dependencies: Record<string, string> };
    expect(health).toMatchObject({ ready: true, dependencies: { database: 'up', onlineStore: 'up', temporal: 'down' } });
    const error = await client.endpoints.advanceWatermark.mutate({ endpoint: 'trips', watermark: T0 }).catch((e: unknown) => e);
    expect((error as TRPCClientError<AppRouter>).data).toMatchObject({ httpStatus: 503, mettle: { code: 'UNAVAILABLE', data: { dependency: 'temporal' } } });
  }, 60_000);

  it('feeds routes by long poll and takes leases', async () => {
    const table = { ...(await test.platform.registry.route('trips')), epoch: 1, hash: hashOf('t1') };
    const waiting = call('/internal/routes?server=s1&epoch=trips:0');
    test.platform.routes.hub.publish(table);
    expect(await (await waiting).json()).toEqual({ tables: [table] });
    const sealing = call('/internal/routes?server=s1&epoch=trips:1&seal=trips:5');
    test.platform.routes.hub.requestSeal('trips', 9);
    expect(((await (await sealing).json()) as { tables: { sealThrough: number }[] }).tables[0]?.sealThrough).toBe(9);
    const lease = { v: 1, server: 's1', endpoint: 'trips', epoch: 1, sealedThrough: 9, renewedAt: 1, sealed: [{ log: 'predictions', writer: 's1', hash: hashOf('p'), bytes: 1, rows: 1, sequences: { from: 1, to: 1 } }] };
    expect(await (await call('/internal/leases', json(lease))).json()).toEqual({ acknowledged: [] });
    expect(test.platform.routes.hub.pending('trips').map((piece) => piece.hash)).toEqual([hashOf('p')]);
    await test.plane.forget([hashOf('p')]);
    expect(await (await call('/internal/leases', json(lease))).json()).toEqual({ acknowledged: [hashOf('p')] });
    expect((await call('/internal/leases', json({ server: 1 }))).status).toBe(400);
    expect((await call('/internal/routes?epoch=x')).status).toBe(400);
  });

  it('does not open off loopback without configured tokens', async () => {
    const settings = { ...test.settings, METTLE_HOST: '0.0.0.0' };
    await expect(openPlatform({ settings, temporal: null as never })).rejects.toMatchObject({ code: 'UNAUTHENTICATED', data: { setting: 'METTLE_TOKEN_FILE' } });
  });

  it('names a port that is in use', async () => {
    const port = Number(new URL(gateway.url).port);
    await expect(startGateway(test.platform, test.plane, { port })).rejects.toMatchObject({ code: 'PORT_IN_USE', data: { port, setting: 'METTLE_GATEWAY_PORT' } });
  });
});
