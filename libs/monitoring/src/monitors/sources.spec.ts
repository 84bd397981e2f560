import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBlobStore, type BlobStore } from '@mettle/blob-store';
import { EndpointPlan, HOUR_US, days, hours, predictionIdOf, type EventRecord, type FeatureVector, type MonitorInput, type MonitorResult, type PredictionEntry, type RawSegment, type SegmentRef } from '@mettle/contracts';
import { compact } from '@mettle/datasets';
import { openDuckDB, type Db } from '@mettle/duckdb';
import { entity, featureService, featureView, float64, hashOfService, latest, serviceDefinition, source } from '@mettle/feature-language';
import { ENDPOINT, START, policyOf } from '../testing/world.ts';
import { runMonitors } from './run-monitors.ts';

const weather = source('weather', { owner: 'met', clock: 'event', keys: { origin: 'string' }, columns: { temp: float64({ scale: 1 }) } });
const radar = source('radar', { owner: 'atc', clock: 'event', keys: { origin: 'string' }, columns: { echo: float64({ scale: 1 }) } });
const origin = entity('origin', { keys: { origin: 'string' } });
const air = featureView('air', { owner: 'ml', entity: origin, source: weather, ttl: null, features: (c) => ({ temp: latest(c.temp) }) });
const sky = featureView('sky', { owner: 'ml', entity: origin, source: radar, ttl: null, features: (c) => ({ echo: latest(c.echo) }) });
const service = featureService('lateness', { owner: 'ml', request: { distance: float64({ scale: 0 }) }, views: { air, sky }, features: ({ request, air: a, sky: s }) => ({ distance: request.distance, temp: a.temp, echo: s.echo }) });
const definition = serviceDefinition(service);
const hash = hashOfService(definition);
const watermark = START + days(3);

describe('what the champion reads', () => {
  let dir: string;
  let db: Db;
  let blobs: BlobStore;
  const sealed: SegmentRef[] = [];
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mettle-sources-'));
    db = await openDuckDB({ tempDirectory: join(dir, 'spill') });
    blobs = openBlobStore(join(dir, 'blobs'));
  });
  afterAll(async () => {
    db.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function seal(log: RawSegment['log'], records: readonly object[], from = 1): Promise<void> {
    const packed = gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const raw: RawSegment = { log, writer: 'p0', hash: await blobs.put(packed), bytes: packed.length, rows: records.length, sequences: { from, to: from + records.length - 1 } };
    sealed.push(...(await compact({ db, blobs, raws: [raw], definitions: [definition] })));
  }
  const event = (sequence: number, knownAt: number): EventRecord => ({
    v: 1, eventId: `w${sequence}`, source: 'weather', schema: '0'.repeat(64), keys: { origin: 'JFK' }, values: { temp: 3.5 }, eventTime: knownAt, publishedAt: knownAt, knownAt, partition: 0, sequence, revision: 0, op: 'assert',
  });
  /** A prediction before anything was known of its origin: only its distance is there. */
  const served = (n: number, at: number, temp: number | null): Extract<PredictionEntry, { kind: 'served' }> => {
    const vector: FeatureVector = { service: hash, at, values: [500, temp, null], statuses: ['PRESENT', temp === null ? 'NOT_FOUND' : 'PRESENT', 'NOT_FOUND'], read: [] };
    return {
      v: 1, kind: 'served', requestId: `r${n}`, traceId: null, server: 's1', endpoint: ENDPOINT, epoch: 1, receivedAt: at, origin: 'online',
      rows: [{
        predictionId: predictionIdOf(ENDPOINT, `r${n}`, 0), row: 0, bucket: 0, sticky: 'x', assignedArm: 'champion', servedArm: 'champion', fallback: false, keys: { origin: 'LGA' }, request: { distance: 500 }, at, vectors: [vector],
        scores: [{ version: { model: 'm', version: 1 }, arm: 'champion', vector: 0, outputs: { probabilities: [0.5, 0.5] }, error: null, latencyUs: 1 }],
      }],
    };
  };
  async function run(monitor: Partial<MonitorInput>): Promise<MonitorResult[]> {
    const plan = EndpointPlan.parse({
      v: 1, endpoint: ENDPOINT, clock: 'event', cadence: days(1), policy: policyOf(), policyHash: '0'.repeat(64),
      model: { v: 1, model: 'm', task: 'binary', service: hash, trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, holdout: days(7), owner: 'ml' },
      monitors: [{ v: 1, name: 'x', endpoint: ENDPOINT, window: days(1), every: days(1), ...monitor }],
    });
    const { results } = await runMonitors({
      db, blobs, catalogue: { v: 1, endpoint: ENDPOINT, watermark, segments: sealed, services: { [hash]: hash } }, plan, watermark, champion: { model: 'm', version: 1 },
      referenceProfile: null, referenceLoss: null, championSince: START, definitionOf: () => Promise.resolve(definition), cacheDir: join(dir, 'cache'),
    });
    return results;
  }
  const freshness = (over: Partial<MonitorInput> = {}) => run({ kind: 'freshness', metric: 'hours', floor: 6, ...over });
  const parity = (floor = 0) => run({ kind: 'parity', metric: 'mismatches', floor });

  it('is undetermined while nothing was sent or logged', async () => {
    expect((await freshness()).map(({ column, state }) => [column, state])).toEqual([['weather', 'undetermined'], ['radar', 'undetermined']]);
    expect(await parity()).toMatchObject([{ state: 'undetermined', value: null, reason: 'no vector was logged in the window' }]);
  });

  it('is fresh until its newest event is older than the longest silence', async () => {
    await seal('events', [event(1, watermark - hours(30)), event(2, watermark - hours(7))]);
    expect(await freshness()).toMatchObject([{ column: 'weather', state: 'breach', value: 7, threshold: 6, rows: { current: 2 } }, { column: 'radar', state: 'undetermined' }]);
    expect(await freshness({ floor: 7 })).toMatchObject([{ state: 'ok', value: 7 }, {}]);
    await seal('events', [event(3, watermark - HOUR_US / 2)], 3);
    expect(await freshness({ columns: ['weather'] })).toMatchObject([{ column: 'weather', state: 'ok', value: 0.5 }]);
  });

  it('is the same in batch, or the share of other bits and where they are told', async () => {
    await seal('predictions', [served(1, watermark - hours(3), null), served(2, watermark - hours(2), null), served(3, watermark - hours(1), null)]);
    expect(await parity()).toMatchObject([{ state: 'ok', value: 0, threshold: 0, rows: { current: 3 }, reason: null }]);
    await seal('predictions', [served(4, watermark - hours(1), 3.5)], 4);
    const [found] = await parity();
    expect(found).toMatchObject({ state: 'breach', value: 0.25 });
    expect(found?.reason).toMatch(/^1 of 4 vectors differ: report [0-9a-f]{64}$/);
    expect(await parity(0.5)).toMatchObject([{ state: 'ok', value: 0.25 }]);
  });
});
