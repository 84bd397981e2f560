import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openBlobStore, type BlobStore } from '@mettle/blob-store';
import { DAY_US, HOUR_US, predictionIdOf, type EventRecord, type FeatureVector, type LabelRecord, type PredictionEntry, type RawSegment, type SegmentRef } from '@mettle/contracts';
import { openDuckDB, sqlString, type Db } from '@mettle/duckdb';
import type { ObservationRecord } from '@mettle/event-log';
import { category, entity, featureService, featureView, float64, hashOfService, hours, int64, latest, mean, minutes, serviceDefinition, source, string } from '@mettle/feature-language';

/** A small project: weather by origin, one service over it. */
const weather = source('weather', { owner: 'met', clock: 'event', keys: { origin: 'string' }, columns: { temp: float64({ scale: 1 }), gust: int64(), sky: string() } });
const origin = entity('origin', { keys: { origin: 'string' } });
const view = featureView('origin_weather', {
  owner: 'met', entity: origin, source: weather, ttl: null,
  features: (c) => ({ temp: latest(c.temp), gust: latest(c.gust), sky: latest(c.sky), mean_6h: mean(c.temp, { window: hours(6), hop: minutes(15) }) }),
});
const service = featureService('lateness', {
  owner: 'ml', request: { carrier: string(), distance: float64({ scale: 0 }) }, views: { w: view },
  features: ({ request, w }) => ({ carrier: category(request.carrier), distance: request.distance, temp: w.temp, gust: w.gust, cold: w.temp.lt(0), mean_6h: w.mean_6h }),
});
export const definition = serviceDefinition(service);
export const serviceHash = hashOfService(definition);

export type World = { readonly db: Db; readonly blobs: BlobStore; readonly dir: string };

export async function openWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'mettle-datasets-'));
  return { dir, blobs: openBlobStore(join(dir, 'blobs')), db: await openDuckDB({ tempDirectory: join(dir, 'tmp'), memoryLimit: '512MB' }) };
}

/** Seals records as one piece, as a log would. */
export async function raw(blobs: BlobStore, log: RawSegment['log'], records: readonly object[], writer = 'p0', from = 1): Promise<RawSegment> {
  const packed = gzipSync(Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join('')), { level: 1 });
  return { log, writer, hash: await blobs.put(packed), bytes: packed.length, rows: records.length, sequences: { from, to: from + records.length - 1 } };
}

/** All rows of one segment. */
export async function rowsOf({ db, blobs }: World, segment: SegmentRef | undefined, order = 'ALL'): Promise<Record<string, unknown>[]> {
  if (segment === undefined) throw new Error('no such segment');
  return db.all(`SELECT * FROM read_parquet(${sqlString(await blobs.path(segment.hash))})${order === 'ALL' ? '' : ` ORDER BY ${order}`}`);
}

/** 2013-01-01. */
export const START = 1_356_998_400_000_000;

export const weatherEvent = (sequence: number, over: Partial<EventRecord> = {}): EventRecord => ({
  v: 1, eventId: `w${sequence}`, source: 'weather', schema: '0'.repeat(64), keys: { origin: 'JFK' }, values: { temp: sequence / 10, gust: sequence, sky: 'clear' },
  eventTime: START + sequence * HOUR_US, publishedAt: START + sequence * HOUR_US, knownAt: START + sequence * HOUR_US, partition: 0, sequence, revision: 0, op: 'assert', ...over,
});

export const label = (sequence: number, over: Partial<LabelRecord> = {}): LabelRecord => ({
  v: 1, labelId: `l${sequence}`, target: { predictionId: predictionIdOf('e', `r${sequence}`, 0) }, value: sequence % 2, revision: 0,
  eventTime: START + sequence * DAY_US, knownAt: START + sequence * HOUR_US, sequence, source: 'landings', ...over,
});

export const observation = (sequence: number, over: Partial<ObservationRecord> = {}): ObservationRecord => ({
  v: 1, predictionId: predictionIdOf('e', `r${sequence}`, 0), requestId: `r${sequence}`, endpoint: 'e', keys: { origin: sequence % 2 === 0 ? 'JFK' : 'LGA', flight: `F${sequence}` },
  request: { carrier: sequence % 3 === 0 ? 'AA' : 'UA', distance: 100 * sequence }, at: START + sequence * DAY_US, sequence, ...over,
});

export const vector = (at: number, over: Partial<FeatureVector> = {}): FeatureVector => ({
  service: serviceHash, at, values: ['AA', 500, 1.5, 3, false, null], statuses: ['PRESENT', 'PRESENT', 'PRESENT', 'PRESENT', 'PRESENT', 'NOT_FOUND'],
  read: [{ view: 'f'.repeat(64), partition: 0, position: 7, generation: 2 }], ...over,
});

type Served = Extract<PredictionEntry, { kind: 'served' }>;

/** A served request of one row: champion flight@1 answered p. */
export function served(n: number, over: Partial<Served> = {}, p = 0.25): Served {
  const at = START + n * HOUR_US;
  return {
    v: 1, kind: 'served', requestId: `r${n}`, traceId: null, server: 's1', endpoint: 'e', epoch: 3, receivedAt: at + 5, origin: 'online',
    rows: [{
      predictionId: predictionIdOf('e', `r${n}`, 0), row: 0, bucket: 17, sticky: 'N1', assignedArm: 'champion', servedArm: 'champion', fallback: false,
      keys: { origin: 'JFK', flight: `F${n}` }, request: { distance: 500, carrier: 'AA' }, at, vectors: [vector(at)],
      scores: [{ version: { model: 'flight', version: 1 }, arm: 'champion', vector: 0, outputs: { label: [0], probabilities: [1 - p, p] }, error: null, latencyUs: 120 }],
    }],
    ...over,
  };
}

export const beside = (n: number, version: number, p: number, own = false): PredictionEntry => ({
  v: 1, kind: 'beside', endpoint: 'e', requestId: `r${n}`, epoch: 3,
  rows: [{ row: 0, vectors: own ? [vector(START + n * HOUR_US)] : [], scores: [{ version: { model: 'flight', version }, arm: 'shadow', vector: 0, outputs: { probabilities: [1 - p, p] }, error: null, latencyUs: 90 }] }],
});
