import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { openBlobStore } from '@mettle/blob-store';
import { startComputeWorker } from '@mettle/compute-worker';
import {
  DAY_US, Fitted, HOUR_US, days, hashOf, hours, minutes, predictionIdOf, versionKey,
  type EndpointPlan, type LabelSpace, type Policy, type PredictionEntry, type RawSegment, type RouteTable, type TimeUs, type VersionRef,
} from '@mettle/contracts';
import { openDuckDB } from '@mettle/duckdb';
import { openEventLog, openLabelLog, openObservationLog } from '@mettle/event-log';
import { category, compileService, entity, featureService, featureView, float64, hourOf, latest, mean, serviceDefinition, source, string, timestamp } from '@mettle/feature-language';
import { createMemoryStore } from '@mettle/feature-store';
import { loadModel, type LoadedModel } from '@mettle/inference';
import { createComputeActivities, createControlActivities, createControlPlane, createLifecycleClient, createRouteHub } from '@mettle/lifecycle-activities';
import * as metadata from '@mettle/metadata-db';
import { createRegistry } from '@mettle/registry';
import { versionsToScore } from '@mettle/routing';
import { freshDatabase, openTemporal, workflowBundle } from '@mettle/testing';
import { loadTrainers } from '@mettle/training';
import { startControlWorker } from '../controlWorker.ts';

export const ENDPOINT = 'lateness';
export const START: TimeUs = 1_357_016_400_000_000 - (1_357_016_400_000_000 % DAY_US);
export const day = (n: number): TimeUs => START + n * DAY_US;
const ORIGINS = ['EWR', 'JFK', 'LGA'];
const CARRIERS = ['AA', 'B6', 'UA'];

const weather = source('weather', { owner: 'met', clock: 'event', keys: { origin: 'string' }, columns: { temp: float64({ scale: 1 }), wind: float64({ scale: 1 }) } });
const origin = entity('origin', { keys: { origin: 'string' } });
const originWeather = featureView('origin_weather', { owner: 'met', entity: origin, source: weather, ttl: hours(6), features: (c) => ({ temp: latest(c.temp), wind: latest(c.wind), mean_wind: mean(c.wind, { window: hours(6), hop: minutes(15) }) }) });
const service = featureService('lateness', {
  owner: 'ml', request: { carrier: string(), departs: timestamp() }, views: { w: originWeather },
  features: ({ request, w }) => ({ carrier: category(request.carrier), hour: hourOf(request.departs, 'America/New_York'), temp: w.temp, wind: w.wind, mean_wind: w.mean_wind }),
});
export const definition = serviceDefinition(service);

/** A repeatable number in [0, 1). */
const chance = (...of: readonly (string | number)[]): number => Number.parseInt(hashOf(of).slice(0, 8), 16) / 2 ** 32;
const windAt = (place: string, at: TimeUs): number => Math.round(200 + 150 * Math.sin(at / DAY_US + place.charCodeAt(0))) / 10;

/** What an endpoint predicts, and how its policy judges it. */
export interface Life {
  readonly space: LabelSpace;
  readonly policy: Pick<Policy, 'success' | 'refresh' | 'segments'> & Partial<Policy>;
  readonly labelOf: (place: string, at: TimeUs) => number;
}
const bounded = (metric: string, atMost: number): Policy['offline'] => ({ bounds: [{ metric, atMost, atLeast: null }], reportedTolerance: 1e-4 });
export const LIVES: Readonly<Record<'binary' | 'regression' | 'multiclass', Life>> = {
  binary: {
    space: { task: 'binary' }, labelOf: (place, at) => (chance('late', place, at) < 1 / (1 + Math.exp(3 - windAt(place, at) / 8)) ? 1 : 0),
    policy: { success: { metric: 'log_loss', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 0.05 }, segments: [{ column: 'origin', margin: 0.2 }], offline: bounded('log_loss', 0.69) },
  },
  /** Minutes. */
  regression: {
    space: { task: 'regression' }, labelOf: (place, at) => Math.round(2 * windAt(place, at) + 30 * (chance('late', place, at) - 0.5)),
    policy: { success: { metric: 'mae', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 1 }, segments: [{ column: 'origin', margin: 5 }], guardrails: [{ metric: 'pinball@0.9', margin: 2 }], offline: bounded('rmse', 15) },
  },
  /** Of four kinds of days at an airport. */
  multiclass: {
    space: { task: 'multiclass', classes: 4 }, labelOf: (place, at) => Math.min(3, Math.max(0, Math.floor(windAt(place, at) / 10 + 1.2 * (chance('late', place, at) - 0.5)))),
    policy: { success: { metric: 'log_loss', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 0.1 }, segments: [{ column: 'origin', margin: 0.5 }], guardrails: [{ metric: 'accuracy', margin: 0.1 }], offline: bounded('log_loss', Math.log(4)) },
  },
};

export function planOf({ space, policy }: Life): EndpointPlan {
  const whole: Policy = {
    v: 1, name: 'careful', change: { rule: 'superior' }, guardrails: [],
    slot: { width: hours(3), pooled: true, lag: 8 }, minSlots: 20, alpha: 0.05, mismatchAlpha: 0.001, tunedFor: 56, stickyKeys: ['plane'], maturation: days(1), minCoverage: 0.5, maxCoverageGap: 0.2,
    shadow: { min: days(7), max: days(14), lookEvery: days(7), concurrent: 3 }, challenge: { share: 2000, min: days(2), max: days(7) }, bake: days(1), slowAfter: null, approval: { by: 'policy', notTheAuthor: false },
    retrain: { onIncident: true, onConfirmedDrift: true, maxAge: null, cooldown: days(3) }, offline: { bounds: [], reportedTolerance: 1e-4 },
    ...policy,
  };
  return {
    v: 1, endpoint: ENDPOINT, clock: 'event', cadence: DAY_US, policy: whole, policyHash: hashOf(whole), overrides: [],
    model: { v: 1, model: ENDPOINT, ...space, service: compileService(definition).hash, trainer: { name: 'lightgbm', parameters: { num_iterations: 40, num_leaves: 7 }, seed: 7 }, holdout: days(5), lookback: null, owner: 'ml' },
    monitors: [
      { v: 1, name: 'input-psi', endpoint: ENDPOINT, kind: 'inputDrift', metric: 'psi', columns: [], window: days(7), every: DAY_US, alpha: 0.001, floor: 0.2, hysteresis: { k: 2, n: 3, closeBelow: 0.8 } },
      { v: 1, name: 'loss', endpoint: ENDPOINT, kind: 'performance', metric: whole.success.metric, columns: [], window: days(7), every: DAY_US, alpha: 0.001, floor: whole.refresh.margin / 5, hysteresis: { k: 2, n: 3, closeBelow: 0.8 } },
    ],
  };
}

/** Every room for real, in one process; the test is the client, and plays the inference server. */
export async function openRealPlatform(life: Life) {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const folder = await mkdtemp(join(tmpdir(), 'mettle-real-'));
  const blobs = openBlobStore(join(folder, 'blobs'));
  const [temporal, bundle, database, duckdb, events, labels, observations] = await Promise.all([
    openTemporal(), workflowBundle(), freshDatabase(join(folder, 'db'), metadata).then(metadata.openMetadataDb), openDuckDB({ tempDirectory: join(folder, 'spill') }),
    openEventLog({ dir: join(folder, 'events'), durability: 'process', blobs, sources: definition.sources }), openLabelLog({ dir: join(folder, 'labels'), durability: 'process', blobs }), openObservationLog({ dir: join(folder, 'observations'), durability: 'process', blobs }),
  ]);
  const registry = createRegistry({ db: database, blobs, now: () => 1 });
  const by = { id: 'test', kind: 'person' as const, roles: [] };
  const compiled = compileService(definition);
  await registry.saveDefinition({ hash: compiled.hash, kind: 'featureService', name: 'lateness', json: definition, blob: await blobs.putJson(definition), by });
  await registry.declareEndpoint(planOf(life));
  const store = createMemoryStore();
  await store.register(definition);

  const hub = createRouteHub();
  const client = createLifecycleClient(temporal.client);
  const connection = await NativeConnection.connect({ address: temporal.address });
  const control = await startControlWorker({
    connection, workflowBundle: bundle,
    activities: createControlActivities({ db: database, registry, blobs, plane: createControlPlane({ hub, logs: [events, labels, observations] }), client, channels: [] }),
  });
  const compute = await startComputeWorker({ connection, activities: createComputeActivities({ blobs, db: duckdb, home: join(folder, 'compute'), trainers: loadTrainers() }) });

  let entries: PredictionEntry[] = [];
  let sealed: RawSegment[] = [];
  let sequence = 0;
  let sealedThrough: TimeUs | null = null;
  const models = new Map<string, Promise<LoadedModel>>();
  const serving = new AbortController();
  /** Follows the feed as a server does: seals through what it is told, and confirms the epoch. */
  const follow = async (): Promise<void> => {
    let epoch: number | null = null;
    while (!serving.signal.aborted) {
      const table: RouteTable | null = await hub.waitForChange({ endpoint: ENDPOINT, epoch, sealed: sealedThrough, timeoutMs: 1000, signal: serving.signal });
      if (table === null) continue;
      epoch = table.epoch;
      if (table.sealThrough !== null && table.sealThrough > (sealedThrough ?? 0)) {
        if (entries.length > 0) {
          const packed = gzipSync(Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')));
          sealed.push({ log: 'predictions', writer: 's', hash: await blobs.put(packed), bytes: packed.length, rows: entries.length, sequences: { from: sequence + 1, to: sequence + entries.length } });
          sequence += entries.length;
          entries = [];
        }
        sealedThrough = table.sealThrough;
      }
      const { acknowledged } = await hub.lease({ v: 1, server: 's', endpoint: ENDPOINT, epoch, sealedThrough, sealed, unsealed: null, departed: false, renewedAt: 0 });
      sealed = sealed.filter((piece) => !acknowledged.includes(piece.hash));
    }
  };
  const following = follow();

  const rowsAt = (at: TimeUs) => ORIGINS.map((place, i) => ({
    place, requestId: `${place}-${at}`, keys: { origin: place, plane: `N${Math.floor(chance('plane', place, at) * 400)}` },
    request: { carrier: CARRIERS[(i + at / HOUR_US) % 3] as string, departs: at + 2 * HOUR_US }, at, label: life.labelOf(place, at),
  }));

  return {
    folder, blobs, registry, client, hub, definition,
    /** Everything that becomes known in [from, to): weather each hour, a flight per origin and hour, its outcome 5 hours later. */
    async live(from: TimeUs, to: TimeUs, kind: 'history' | 'predictions'): Promise<void> {
      for (let at = from; at < to; at += HOUR_US) {
        const news = await events.append('weather', ORIGINS.map((place) => ({ eventId: `${place}-${at}`, keys: { origin: place }, values: { temp: 10, wind: windAt(place, at) }, eventTime: at, publishedAt: at, retract: false })));
        await store.apply(news.records);
        const rows = rowsAt(at);
        if (kind === 'history') await observations.append(ENDPOINT, rows.map(({ requestId, keys, request }) => ({ requestId, keys, request, at })));
        else await serve(at, rows);
        const landed = at - 5 * HOUR_US;
        if (landed < START) continue;
        await labels.append(rowsAt(landed).map((row) => ({ labelId: row.requestId, target: { predictionId: predictionIdOf(ENDPOINT, row.requestId, 0) }, value: row.label, revision: 0, eventTime: at, publishedAt: at, source: 'landings' })), 'event');
      }
    },
    async close(): Promise<void> {
      serving.abort();
      await following;
      for (const model of models.values()) await (await model).close();
      await Promise.all([control.stop(), compute.stop()]);
      await connection.close();
      await Promise.all([events.close(), labels.close(), observations.close(), database.close(), temporal.teardown()]);
      duckdb.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  /** The file that a route names. */
  function modelOf(table: RouteTable, version: VersionRef): Promise<LoadedModel> {
    const key = versionKey(version);
    const known = models.get(key);
    if (known !== undefined) return known;
    const loading = (async () => {
      const { file, fitted } = table.files[key] ?? {};
      return loadModel({ bytes: await blobs.get(file ?? ''), fitted: fitted == null ? null : await blobs.getJson(fitted, Fitted), definition });
    })();
    models.set(key, loading);
    return loading;
  }

  /** Every version of the route answers every row with the store's vectors. */
  async function serve(at: TimeUs, rows: ReturnType<typeof rowsAt>): Promise<void> {
    const table = hub.table(ENDPOINT);
    if (table === null) return;
    const vectors = await store.read(compiled, rows.map(({ keys, request }) => ({ keys, request, at })));
    const answers = await Promise.all(versionsToScore(table).map(async ({ version, arm }) => ({ version, arm, ...(await (await modelOf(table, version)).score(vectors.map(({ values }) => values))) })));
    for (const [i, row] of rows.entries()) {
      const scores = answers.map(({ version, arm, outputs, errors }) => ({ version, arm, vector: 0, outputs: Object.fromEntries(Object.entries(outputs).map(([name, all]) => [name, all[i] ?? []])), error: errors[i] ?? null, latencyUs: 50 }));
      const challenged = table.challengers.length > 0 && chance('bucket', row.keys.plane) < 0.2;
      const arm = challenged ? ('challenger' as const) : ('champion' as const);
      entries.push({
        v: 1, kind: 'served', requestId: row.requestId, traceId: null, server: 's', endpoint: ENDPOINT, epoch: table.epoch, receivedAt: at, origin: 'online',
        rows: [{ predictionId: predictionIdOf(ENDPOINT, row.requestId, 0), row: 0, bucket: 1, sticky: `plane=${row.keys.plane}`, assignedArm: arm, servedArm: arm, fallback: false, keys: row.keys, request: row.request, at, vectors: vectors[i] === undefined ? [] : [vectors[i]], scores }],
      });
    }
  }
}
