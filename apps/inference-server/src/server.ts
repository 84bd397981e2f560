import { join } from 'node:path';
import fastify from 'fastify';
import { openBlobStore } from '@mettle/blob-store';
import { listenFailure, ownFolder, showToken, within, type Tokens } from '@mettle/process';
import { MettleError, type RouteTable, type ServerLease, type Settings, type TimeUs } from '@mettle/contracts';
import { readTables, writeTables } from './control/keptTables.ts';
import { startRouteFeed } from './control/routeFeed.ts';
import { acceptJson } from './http/body.ts';
import { BODY_LIMIT, isLoopback, protect } from './http/protect.ts';
import { routes } from './http/routes.ts';
import { openEndpoint, type Endpoint } from './serving/endpoint.ts';
import { openLiveStore } from './serving/liveStore.ts';
import { createModelPool } from './serving/modelPool.ts';
import { replicaName } from './replicaName.ts';
import { createStats } from './stats.ts';

export interface InferenceServerOptions {
  readonly settings: Settings;
  readonly tokens: Tokens;
  /** Base URL of the gateway's route feed. */
  readonly gateway: string;
  /** METTLE_SERVER: names this replica's log and lease. Unset: its home remembers the name. */
  readonly server?: string | undefined;
  readonly onError: (what: string, error: unknown) => void;
  /** Wall clock, µs. */
  readonly now?: () => TimeUs;
}
export interface InferenceServer {
  readonly url: string;
  /** Refuses new requests, finishes what is under way, seals the log and says so, closes. */
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
  const { settings, tokens, onError, now = () => Date.now() * 1000 } = options;
  const { METTLE_HOME: home, METTLE_HOST: host, METTLE_INFERENCE_PORT: port, METTLE_DURABILITY: durability } = settings;
  if (!isLoopback(host) && settings.METTLE_TOKEN_FILE === undefined) {
    throw new MettleError('FORBIDDEN', `listening on ${host} needs a token of your own (METTLE_TOKEN_FILE)`, { setting: 'METTLE_TOKEN_FILE', host });
  }
  const server = replicaName(ownFolder(join(home, 'inference'), 'METTLE_HOME'), host, options.server);
  const folder = ownFolder(join(home, 'inference', server), 'METTLE_HOME');
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
    throw listenFailure(error, { host, port, setting: 'METTLE_INFERENCE_PORT' });
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
  // With kept tables it answers through an outage of everything; without, it can serve nothing yet, and says what it lacks.
  if (kept.tables.length === 0) {
    const patiently = (attempt: () => Promise<void>): Promise<void> => within(settings.METTLE_PATIENCE, attempt, (error) => onError('waits', error));
    try {
      await patiently(() => blobs.check());
      await patiently(() => store.reach());
      await showToken(options.gateway, tokens.own);
    } catch (error) {
      await app.close();
      await store.close();
      throw error;
    }
  }
  // An order to seal is not followed from disk: the control plane repeats it.
  for (const table of kept.tables) await follow({ ...table, sealThrough: null }).catch((error: unknown) => onError(`'${table.endpoint}' is not served from what was kept`, error));
  started = true;

  const leases = (departed: boolean): ServerLease[] => [...endpoints.values()].map(({ name, serving, sealedThrough, sealed, unsealed }) => ({
    v: 1, server, endpoint: name, epoch: serving?.table.epoch ?? 0, sealedThrough, sealed: [...sealed], unsealed, departed, renewedAt: now(),
  }));
  const feed = startRouteFeed({
    gateway: options.gateway,
    token: tokens.own,
    server,
    known: () => [...endpoints.values()].map(({ name, serving, sealedThrough }) => ({ endpoint: name, epoch: serving?.table.epoch ?? -1, sealed: sealedThrough })),
    leases: () => leases(false),
    follow,
    forget: async (name, hashes) => endpoints.get(name)?.forget(hashes),
    refresh: () => store.refresh(),
    onError,
  });
  const depart = async (): Promise<void> => {
    const whole = [];
    for (const endpoint of endpoints.values()) whole.push(await endpoint.depart());
    await feed.farewell(leases(whole.every(Boolean)));
  };
  const address = app.server.address();
  return {
    url: `http://${host}:${typeof address === 'object' && address !== null ? address.port : port}`,
    async stop() {
      await feed.stop();
      // A client that does not finish its request does not keep the server.
      const impatient = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
      await app.close();
      clearTimeout(impatient);
      // Who scales this server away must not lose what it acknowledged, nor wait for it.
      await depart().catch((error: unknown) => onError('the log was not sealed before the end: it is kept for the next start', error));
      for (const endpoint of endpoints.values()) await endpoint.close();
      await store.close();
    },
  };
}
