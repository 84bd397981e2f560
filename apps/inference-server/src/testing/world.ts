import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { openBlobStore } from '@mettle/blob-store';
import { hashOf, Settings, type DecisionInput, type EventRecord, type PredictionEntry, type RouteTable, type VersionRef } from '@mettle/contracts';
import { readPiece } from '@mettle/event-log';
import { hashOfService, hashOfSource, type ServiceDefinition } from '@mettle/feature-language';
import { openOnlineStore } from '@mettle/feature-store';
import { emptyTable, nextTable, type RouteFiles } from '@mettle/routing';
import { startInferenceServer, type InferenceServer } from '../server.ts';
import { startTestGateway } from './gateway.ts';
import { fitted, fixture, tripsDefinition, wideDefinition } from './trips.ts';

export const ENDPOINT = 'trips';
export const TOKEN = 'a-token-for-tests-only';
export const MODEL = 'trips';
/** 2013-03-08T12:00:00Z, µs. */
export const T = 1_362_744_000_000_000;
export const version = (n: number): VersionRef => ({ model: MODEL, version: n });

/** A platform in a temporary home: blobs, a live online store, a gateway, and servers. */
export async function openWorld() {
  const home = await mkdtemp(join(tmpdir(), 'mettle-inference-'));
  const blobs = openBlobStore(join(home, 'blobs'));
  const online = openOnlineStore({ path: join(home, 'online') });
  await online.register(tripsDefinition);
  await online.register(wideDefinition);
  const gateway = await startTestGateway(TOKEN);
  const files: RouteFiles = {};
  const errors: { what: string; error: unknown }[] = [];
  const events: EventRecord[] = [];
  let table: RouteTable = emptyTable(ENDPOINT, { clock: 'event', overrides: [{ header: 'x-arm', value: 'challenger', arm: 'challenger' }], policy: { stickyKeys: ['plane', 'origin'] } });
  let sequence = 0;
  let sealed = T;
  const servers: InferenceServer[] = [];

  const world = {
    home, blobs, online, gateway, errors, events, files,
    get table() {
      return table;
    },
    settings: (changes: Partial<Settings> = {}): Settings => ({ ...Settings.parse({ METTLE_HOME: home }), METTLE_INFERENCE_PORT: 0, ...changes }),
    /** Stores a fixture as version `n`. */
    async addVersion(n: number, name: string, definition: ServiceDefinition = tripsDefinition): Promise<VersionRef> {
      const [file, words, text] = [await blobs.put(fixture(name)), await blobs.putJson(fitted), await blobs.putJson(definition)];
      files[`${MODEL}@${n}`] = { file, fitted: words, service: hashOfService(definition), definition: text, manifest: hashOf(n) };
      return version(n);
    },
    /** Moves the route by a decision and publishes it. */
    decide(action: DecisionInput['action'], n: number, share: number | null = null): RouteTable {
      table = nextTable(table, { action, version: version(n), share, at: T }, files);
      gateway.publish(table);
      return table;
    },
    publish(next: RouteTable): void {
      table = next;
      gateway.publish(next);
    },
    async push(source: 'weather' | 'landings', keys: Record<string, string>, values: Record<string, number>, at: number): Promise<void> {
      sequence += 1;
      const ir = tripsDefinition.sources.find(({ name }) => name === source)!;
      const event: EventRecord = { v: 1, eventId: `e${sequence}`, source, schema: hashOfSource(ir), keys, values, eventTime: at, publishedAt: at, knownAt: at, partition: 0, sequence, revision: 0, op: 'assert' };
      await online.apply([event]);
      events.push(event);
    },
    async start(changes: Partial<Parameters<typeof startInferenceServer>[0]> = {}): Promise<InferenceServer> {
      const server = await startInferenceServer({
        settings: world.settings(), tokens: { accepted: [TOKEN], own: TOKEN }, gateway: gateway.url, server: 's1', onError: (what, error) => errors.push({ what, error }), ...changes,
      });
      servers.push(server);
      return server;
    },
    /** Waits until a server confirms the published epoch. */
    served: () => gateway.lease(ENDPOINT, ({ epoch }) => epoch === table.epoch),
    /** Has the log sealed and returns every entry sealed so far. */
    async logged(): Promise<PredictionEntry[]> {
      sealed += 1;
      const through = sealed;
      gateway.requestSeal(ENDPOINT, through);
      await gateway.lease(ENDPOINT, ({ sealedThrough }) => sealedThrough === through);
      return world.entries();
    },
    async entries(): Promise<PredictionEntry[]> {
      const pieces = [...gateway.pieces.values()].sort((a, b) => a.sequences.from - b.sequences.from);
      return (await Promise.all(pieces.map(async ({ hash }) => readPiece<PredictionEntry>(await blobs.get(hash))))).flat();
    },
    async close(): Promise<void> {
      await Promise.all(servers.map((server) => server.stop()));
      await gateway.down();
      await online.close();
      await rm(home, { recursive: true, force: true });
    },
  };
  return world;
}
export type World = Awaited<ReturnType<typeof openWorld>>;

export type Input = { name: string; datatype: string; shape: unknown; data: unknown };
export const column = (name: string, datatype: string, data: unknown[]): Input => ({ name, datatype, shape: [data.length], data });

/** A good request of `rows` rows, by as many planes. */
export const inputs = (rows: number, at = T): Input[] => {
  const of = <V>(value: (i: number) => V): V[] => Array.from({ length: rows }, (_, i) => value(i));
  return [
    column('origin', 'BYTES', of((i) => ['JFK', 'LGA', 'EWR'][i % 3]!)), column('plane', 'BYTES', of((i) => `N${i}`)), column('carrier', 'BYTES', of((i) => ['AA', 'DL', 'ZZ'][i % 3]!)),
    column('departs', 'INT64', of((i) => T + i * 3_600_000_000)), column('distance', 'FP64', of((i) => 100 + i)), column('at', 'INT64', of(() => at)),
  ];
};

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: { error?: string; code?: string; data?: Record<string, unknown>; id?: string; parameters?: Record<string, unknown>; outputs?: { name: string; shape: number[]; datatype: string; data: number[] }[] } & Record<string, unknown>;
}

/** Sends JSON (or text as it is) with the token. */
export async function call(url: string, method: 'GET' | 'POST', path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const reply = await request(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await reply.body.text();
  return { status: reply.statusCode, text, body: JSON.parse(text) as Reply['body'] };
}
export const infer = (server: InferenceServer, body: unknown, headers: Record<string, string> = {}): Promise<Reply> => call(server.url, 'POST', `/v2/models/${ENDPOINT}/infer`, body, headers);

type Served = Extract<PredictionEntry, { kind: 'served' }>;
type Beside = Extract<PredictionEntry, { kind: 'beside' }>;
export const servedOf = (entries: readonly PredictionEntry[]): Served[] => entries.filter((entry): entry is Served => entry.kind === 'served');
export const besideOf = (entries: readonly PredictionEntry[]): Beside[] => entries.filter((entry): entry is Beside => entry.kind === 'beside');

/** A server with a champion and another version in its shadow. */
export async function startShadowed(world: World): Promise<InferenceServer> {
  await world.addVersion(1, 'tree.onnx');
  await world.addVersion(2, 'tree-b.onnx');
  world.decide('deploy', 1);
  world.decide('startShadow', 2);
  const server = await world.start();
  await world.served();
  return server;
}
