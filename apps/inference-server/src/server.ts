import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { openBlobStore } from '@mettle/blob-store';
import { MettleError, type RouteTable, type ServerLease, type Settings, type TimeUs } from '@mettle/contracts';
import { readTables, writeTables } from './control/keptTables.ts';
import { startRouteFeed } from './control/routeFeed.ts';
import { acceptJson } from './http/body.ts';
import { BODY_LIMIT, isLoopback, protect } from './http/protect.ts';
import { routes } from './http/routes.ts';
import { openEndpoint, type Endpoint } from './serving/endpoint.ts';
import { openLiveStore } from './serving/liveStore.ts';
import { createModelPool } from './serving/modelPool.ts';
import { createStats } from './stats.ts';
import type { Tokens } from './tokens.ts';

export interface InferenceServerOptions {
  readonly settings: Settings;
  readonly tokens: Tokens;
  /** Base URL of the gateway's route feed. */
  readonly gateway: string;
  /** Names this replica's log and lease; no two that live at once may share one. */
  readonly server: string;
  readonly onError: (what: string, error: unknown) => void;
  /** Wall clock, µs. */
  readonly now?: () => TimeUs;
}
export interface InferenceServer {
  readonly url: string;
  /** Refuses new requests, finishes what is under way, closes the log. */
  stop(): Promise<void>;
}

/** A request must have come whole within this time. */
const REQUEST_MS = 60_000;
/** What requests under way get when the server stops. */
const GRACE_MS = 5_000;

/**
 * Answers the Open Inference Protocol from the route feed's last table, which is kept on disk: no database and no workflow
 * engine is needed to answer.
 * @throws MettleError PORT_IN_USE | CORRUPT_LOG; FORBIDDEN when it would listen beyond loopback without a configured token
 */
export async function startInferenceServer(options: InferenceServerOptions): Promise<InferenceServer> {
  const { settings, server, tokens, onError, now = () => Date.now() * 1000 } = options;
  const { METTLE_HOME: home, METTLE_HOST: host, METTLE_INFERENCE_PORT: port, METTLE_DURABILITY: durability } = settings;
  if (!isLoopback(host) && settings.METTLE_TOKEN_FILE === undefined) {
    throw new MettleError('FORBIDDEN', `listening on ${host} needs a token of your own (METTLE_TOKEN_FILE)`, { setting: 'METTLE_TOKEN_FILE', host });
  }
  const folder = join(home, 'inference', server);
  mkdirSync(folder, { recursive: true });
  const blobs = openBlobStore(settings.METTLE_BLOB_URL ?? join(home, 'blobs'), { durability, cache: join(home, 'blob-cache') });
  const store = await openLiveStore(settings.METTLE_ONLINE_STORE_URL === undefined ? { path: join(home, 'online') } : { url: settings.METTLE_ONLINE_STORE_URL }, (error) => onError('the online store could not be opened', error));
  const stats = createStats();
  const pool = createModelPool(blobs, (error) => onError('a model was not freed', error));
  const endpoints = new Map<string, Endpoint>();
  let started = false;

  const app = fastify({ logger: false, bodyLimit: BODY_LIMIT, keepAliveTimeout: 65_000, requestTimeout: REQUEST_MS, forceCloseConnections: 'idle', exposeHeadRoutes: false });
  protect(app, { tokens: tokens.accepted, host, onError });
  acceptJson(app);
  routes(app, { endpoints: () => (started ? endpoints : null), store, stats });
  // The port comes first: who does not get it must not touch the log of the one that has it.
  try {
    await app.listen({ host, port });
  } catch (error) {
    await store.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new MettleError('PORT_IN_USE', `port ${port} is in use (METTLE_INFERENCE_PORT)`, { port, setting: 'METTLE_INFERENCE_PORT' });
  }

  const routesFile = join(folder, 'routes.json');
  const kept = readTables(routesFile, (error) => onError('the kept routes cannot be read', error));
  const current = new Map(kept.tables.map((table) => [table.endpoint, table]));
  const keep = (): void => writeTables(routesFile, { v: 1, tables: [...current.values()], recent: [...endpoints.values()].flatMap(({ recent }) => recent) });
  const endpointOf = async (name: string): Promise<Endpoint> => {
    let endpoint = endpoints.get(name);
    if (endpoint === undefined) {
      const recent = kept.recent.filter((table) => table.endpoint === name);
      endpoint = await openEndpoint({ name, server, folder: join(folder, 'log'), durability, blobs, pool, store, stats, now, recent, onError });
      endpoints.set(name, endpoint);
    }
    return endpoint;
  };
  const follow = async (table: RouteTable): Promise<void> => {
    const endpoint = await endpointOf(table.endpoint);
    await endpoint.follow(table, () => {
      current.set(table.endpoint, table);
      keep();
    });
    await endpoint.seal(table.sealThrough);
  };
  // An order to seal is not followed from disk: the control plane repeats it.
  for (const table of kept.tables) await follow({ ...table, sealThrough: null }).catch((error: unknown) => onError(`'${table.endpoint}' is not served from what was kept`, error));
  started = true;

  const feed = startRouteFeed({
    gateway: options.gateway,
    token: tokens.own,
    server,
    known: () => [...endpoints.values()].map(({ name, serving, sealedThrough }) => ({ endpoint: name, epoch: serving?.table.epoch ?? -1, sealed: sealedThrough })),
    leases: () => [...endpoints.values()].map(({ name, serving, sealedThrough, sealed }): ServerLease => ({
      v: 1, server, endpoint: name, epoch: serving?.table.epoch ?? 0, sealedThrough, sealed: [...sealed], renewedAt: now(),
    })),
    follow,
    forget: async (name, hashes) => endpoints.get(name)?.forget(hashes),
    refresh: () => store.refresh(),
    onError,
  });
  const address = app.server.address();
  return {
    url: `http://${host}:${typeof address === 'object' && address !== null ? address.port : port}`,
    async stop() {
      await feed.stop();
      // A client that does not finish its request does not keep the server.
      const impatient = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
      await app.close();
      clearTimeout(impatient);
      for (const endpoint of endpoints.values()) await endpoint.close();
      await store.close();
    },
  };
}
