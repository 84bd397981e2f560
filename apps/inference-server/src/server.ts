import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { openBlobStore } from '@mettle/blob-store';
import { isMettleError, MettleError, RouteTable, type ServerLease, type Settings, versionKey } from '@mettle/contracts';
import { openOnlineStore } from '@mettle/feature-store';
import { type Endpoint, openEndpoint } from './endpoint.ts';
import { startRouteFeed } from './routeFeed.ts';
import { createStats } from './stats.ts';

export interface InferenceServerOptions {
  readonly settings: Settings;
  readonly token: string;
  /** Base URL of the gateway's route feed. */
  readonly gateway: string;
  /** Names this replica's log and lease. */
  readonly server: string;
  readonly onError: (what: string, error: unknown) => void;
}
export interface InferenceServer {
  readonly url: string;
  stop(): Promise<void>;
}

const BODY_LIMIT = 16 * 1024 * 1024;
/** Requests at work at once; more are shed. */
const IN_FLIGHT = 256;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Answers the Open Inference Protocol from the route feed's last table, which is kept on disk: no database and no workflow
 * engine is needed to answer.
 */
export async function startInferenceServer(options: InferenceServerOptions): Promise<InferenceServer> {
  const { settings, server } = options;
  const home = settings.METTLE_HOME;
  const folder = join(home, 'inference', server);
  mkdirSync(folder, { recursive: true });
  const blobs = openBlobStore(settings.METTLE_BLOB_URL ?? join(home, 'blobs'), { durability: settings.METTLE_DURABILITY });
  const online = openOnlineStore({ path: join(home, 'online'), readOnly: true });
  const stats = createStats();
  const endpoints = new Map<string, Endpoint>();
  const routesFile = join(folder, 'routes.json');

  const endpointOf = async (name: string): Promise<Endpoint> => {
    let endpoint = endpoints.get(name);
    if (endpoint === undefined) {
      endpoint = await openEndpoint({ name, server, folder: join(folder, 'log'), durability: settings.METTLE_DURABILITY, blobs, online, stats, onError: (error) => options.onError('the other arms were not scored', error) });
      endpoints.set(name, endpoint);
    }
    return endpoint;
  };
  const keepTables = (): void => {
    const tables = [...endpoints.values()].flatMap((endpoint) => endpoint.serving()?.table ?? []);
    writeFileSync(`${routesFile}.new`, JSON.stringify(tables));
    renameSync(`${routesFile}.new`, routesFile);
  };
  const follow = async (table: RouteTable): Promise<void> => {
    const endpoint = await endpointOf(table.endpoint);
    const before = endpoint.serving()?.table.epoch;
    await endpoint.follow(table);
    if (before !== table.epoch) keepTables();
  };
  if (existsSync(routesFile)) {
    // An order to seal is not followed from disk: the control plane repeats it.
    for (const table of z.array(RouteTable).parse(JSON.parse(readFileSync(routesFile, 'utf8')))) await follow({ ...table, sealThrough: null });
  }

  const app = fastify({ logger: false, bodyLimit: BODY_LIMIT, keepAliveTimeout: 65_000 });
  protect(app, options.token, settings.METTLE_HOST);
  routes(app, endpoints, stats);
  try {
    await app.listen({ host: settings.METTLE_HOST, port: settings.METTLE_INFERENCE_PORT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new MettleError('PORT_IN_USE', `port ${settings.METTLE_INFERENCE_PORT} is in use (METTLE_INFERENCE_PORT)`, { port: settings.METTLE_INFERENCE_PORT, setting: 'METTLE_INFERENCE_PORT' });
  }

  const feed = startRouteFeed({
    gateway: options.gateway,
    token: options.token,
    server,
    known: () => [...endpoints.values()].map((endpoint) => ({ endpoint: endpoint.name, epoch: endpoint.serving()?.table.epoch ?? -1, sealed: endpoint.sealedThrough() })),
    leases: () => [...endpoints.values()].map((endpoint): ServerLease => ({
      v: 1, server, endpoint: endpoint.name, epoch: endpoint.serving()?.table.epoch ?? 0, sealedThrough: endpoint.sealedThrough(), sealed: [...endpoint.sealed()], renewedAt: Date.now() * 1000,
    })),
    follow,
    forget: async (name, hashes) => endpoints.get(name)?.forget(hashes),
    onError: options.onError,
  });
  const address = app.server.address();
  return {
    url: `http://${settings.METTLE_HOST}:${typeof address === 'object' && address !== null ? address.port : settings.METTLE_INFERENCE_PORT}`,
    async stop() {
      await feed.stop();
      await app.close();
      for (const endpoint of endpoints.values()) await endpoint.close();
      await online.close();
    },
  };
}

/** Token, host and load checks, before any body is read. */
function protect(app: FastifyInstance, token: string, host: string): void {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  let inFlight = 0;
  app.addHook('onRequest', (request, reply, done) => {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (LOOPBACK.has(host) && !LOOPBACK.has(name)) throw new MettleError('FORBIDDEN', `host '${name}' is not served here`, { host: name });
    if (request.url.startsWith('/v2/health')) return done();
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) throw new MettleError('UNAUTHENTICATED', 'no valid token was sent');
    if (inFlight >= IN_FLIGHT) throw new MettleError('BUSY', 'too many requests are at work', { inFlight });
    inFlight += 1;
    reply.raw.once('close', () => (inFlight -= 1));
    done();
  });
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
    if (isMettleError(error)) return reply.status(error.status).send({ error: error.message, code: error.code, hint: error.hint, data: error.data });
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      return reply.status(413).header('connection', 'close').send({ error: `a body has at most ${BODY_LIMIT} bytes`, code: 'TOO_LARGE' });
    }
    if (error.statusCode !== undefined && error.statusCode < 500) return reply.status(400).send({ error: error.message, code: /NaN|Infinity/.test(error.message) ? 'NOT_A_NUMBER' : 'INVALID_INPUT' });
    return reply.status(500).send({ error: 'internal error', code: 'INTERNAL' });
  });
  app.setNotFoundHandler((_request, reply) => reply.status(404).send({ error: 'no such address', code: 'NOT_FOUND' }));
}

function routes(app: FastifyInstance, endpoints: ReadonlyMap<string, Endpoint>, stats: ReturnType<typeof createStats>): void {
  type Named = { Params: { name: string; version?: string } };
  const find = (name: string, version?: string): Endpoint => {
    const endpoint = endpoints.get(name);
    if (endpoint === undefined) throw new MettleError('UNKNOWN_ENDPOINT', `no endpoint '${name}' is served here`, { endpoint: name });
    if (version !== undefined && String(endpoint.serving()?.table.champion?.version) !== version) {
      throw new MettleError('UNKNOWN_VERSION', `version ${version} is not the champion: the route decides what serves`, { endpoint: name, version });
    }
    return endpoint;
  };
  const ready = (endpoint: Endpoint): boolean => endpoint.serving()?.table.champion != null;

  app.get('/v2', () => ({ name: 'mettle-inference', version: '0.1.0', extensions: [] }));
  app.get('/v2/health/live', () => ({ live: true }));
  app.get('/v2/health/ready', (_request, reply) => {
    const all = [...endpoints.values()];
    return reply.status(200).send({ ready: all.every(ready), endpoints: all.length });
  });
  app.get('/v2/stats', () => ({ ...stats.read(), endpoints: Object.fromEntries([...endpoints.values()].map((e) => [e.name, { epoch: e.serving()?.table.epoch ?? null, sealedThrough: e.sealedThrough() }])) }));
  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    app.get<Named>(path, (request) => {
      const serving = find(request.params.name, request.params.version).serving();
      const champion = serving?.table.champion ?? null;
      const model = champion === null ? undefined : serving?.versions.get(versionKey(champion))?.model;
      return {
        name: request.params.name,
        versions: champion === null ? [] : [versionKey(champion)],
        platform: 'onnx',
        inputs: [...(serving?.schema?.inputs.values() ?? [])].map((input) => ({ name: input.name, datatype: input.datatype, shape: [-1] })),
        outputs: model?.signature.outputs ?? [],
      };
    });
    app.get<Named>(`${path}/ready`, (request, reply) => {
      const endpoint = find(request.params.name, request.params.version);
      return reply.status(ready(endpoint) ? 200 : 503).send({ ready: ready(endpoint) });
    });
    app.post<Named>(`${path}/infer`, (request) => find(request.params.name, request.params.version).infer(request.body, request.headers));
  }
}
