import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openBlobStore } from '@mettle/blob-store';
import { DAY_US, HOUR_US, hashOf, hours, minutes, predictionIdOf, versionKey, type Catalogue, type LabelInput, type PredictionEntry, type RawSegment, type SegmentRef, type TimeUs, type VersionRef } from '@mettle/contracts';
import { openDuckDB } from '@mettle/duckdb';
import { openEventLog, openLabelLog, openObservationLog } from '@mettle/event-log';
import { category, compileService, entity, featureService, featureView, float64, hourOf, latest, mean, serviceDefinition, source, string, timestamp } from '@mettle/feature-language';
import { createMemoryStore } from '@mettle/feature-store';
import type { LoadedModel } from '@mettle/inference';
import { loadTrainers } from '@mettle/training';
import { createComputeActivities } from '../compute/createComputeActivities.ts';

export const ENDPOINT = 'lateness';
export const START: TimeUs = 15_700 * DAY_US;
export const day = (n: number): TimeUs => START + n * DAY_US;
const ORIGINS = ['EWR', 'JFK', 'LGA'];
const CARRIERS = ['AA', 'B6', 'UA'];

const weather = source('weather', { owner: 'met', clock: 'event', keys: { origin: 'string' }, columns: { wind: float64({ scale: 1 }) } });
const origin = entity('origin', { keys: { origin: 'string' } });
const originWeather = featureView('origin_weather', { owner: 'met', entity: origin, source: weather, ttl: hours(6), features: (c) => ({ wind: latest(c.wind), mean_wind: mean(c.wind, { window: hours(6), hop: minutes(15) }) }) });
export const definition = serviceDefinition(featureService('lateness', {
  owner: 'ml', request: { carrier: string(), departs: timestamp() }, views: { w: originWeather },
  features: ({ request, w }) => ({ carrier: category(request.carrier), hour: hourOf(request.departs, 'America/New_York'), wind: w.wind, mean_wind: w.mean_wind }),
}));
const compiled = compileService(definition);

/** A repeatable number in [0, 1). */
export const chance = (...of: readonly (string | number)[]): number => Number.parseInt(hashOf(of).slice(0, 8), 16) / 2 ** 32;
export const windAt = (place: string, at: TimeUs): number => Math.round(200 + 150 * Math.sin(at / DAY_US + place.charCodeAt(0)) + 60 * chance('wind', place, at)) / 10;

/** Who is to be predicted at an hour. */
export const rowsAt = (at: TimeUs) => ORIGINS.map((place, i) => ({
  place, at, requestId: `${place}-${at}`, predictionId: predictionIdOf(ENDPOINT, `${place}-${at}`, 0), keys: { origin: place },
  request: { carrier: CARRIERS[(i + at / HOUR_US) % 3] as string, departs: at + 2 * HOUR_US },
}));
export type MomentRow = ReturnType<typeof rowsAt>[number];

/** The compute activities over logs that are written as a gateway and an inference server write them; the test is the client. */
export async function openLived(labelOf: (row: MomentRow) => number) {
  const folder = await mkdtemp(join(tmpdir(), 'mettle-lived-'));
  const blobs = openBlobStore(join(folder, 'blobs'));
  const [db, events, labels, observations] = await Promise.all([
    openDuckDB({ tempDirectory: join(folder, 'spill') }), openEventLog({ dir: join(folder, 'events'), durability: 'process', blobs, sources: definition.sources }),
    openLabelLog({ dir: join(folder, 'labels'), durability: 'process', blobs }), openObservationLog({ dir: join(folder, 'observations'), durability: 'process', blobs }),
  ]);
  const activities = createComputeActivities({ blobs, db, home: join(folder, 'compute'), trainers: loadTrainers() });
  const store = createMemoryStore();
  await store.register(definition);
  const blob = await blobs.putJson(definition);
  const services = { [compiled.hash]: blob };
  const segments: SegmentRef[] = [];
  let sequence = 0;

  /** Names the prediction by its id in every other hour, by keys and T in the others. */
  const labelInput = (row: MomentRow, value: number, more: Partial<LabelInput> = {}): LabelInput =>
    ({ labelId: row.requestId, target: row.at % (2 * HOUR_US) === 0 ? { predictionId: row.predictionId } : { endpoint: ENDPOINT, keys: row.keys, at: row.at }, value, revision: 0, eventTime: row.at + HOUR_US, publishedAt: row.at + 5 * HOUR_US, source: 'landings', ...more });

  return {
    folder, blobs, db, activities, service: compiled.hash, definition: blob, labelInput,
    pushLabels: (inputs: readonly LabelInput[]) => labels.append(inputs, 'event'),
    /** Weather, moments and their outcomes of whole days: as history, or answered by versions, of which the first serves and the others shadow. */
    async live(from: number, to: number, versions: readonly { readonly version: VersionRef; readonly model: LoadedModel }[] = []): Promise<void> {
      const entries: PredictionEntry[] = [];
      for (let at = day(from); at < day(to); at += HOUR_US) {
        const { records } = await events.append('weather', ORIGINS.map((place) => ({ eventId: `${place}-${at}`, keys: { origin: place }, values: { wind: windAt(place, at) }, eventTime: at, publishedAt: at, retract: false })));
        await store.apply(records);
        const rows = rowsAt(at);
        if (versions.length === 0) await observations.append(ENDPOINT, rows);
        const vectors = versions.length === 0 ? [] : await store.read(compiled, rows.map(({ keys, request }) => ({ keys, request, at })));
        const answered = await Promise.all(versions.map(async ({ version, model }, k) => ({ version, arm: k === 0 ? ('champion' as const) : ('shadow' as const), ...(await model.score(vectors.map(({ values }) => values))) })));
        for (const [i, { requestId, predictionId, keys, request }] of rows.entries()) {
          if (vectors[i] === undefined) continue;
          const scores = answered.map(({ version, arm, outputs, errors }) => ({ version, arm, vector: 0, outputs: Object.fromEntries(Object.entries(outputs).map(([name, all]) => [name, all[i] ?? []])), error: errors[i] ?? null, latencyUs: 50 }));
          entries.push({
            v: 1, kind: 'served', requestId, traceId: null, server: 's', endpoint: ENDPOINT, epoch: 1, receivedAt: at, origin: 'online',
            rows: [{ predictionId, row: 0, bucket: 1, sticky: `origin=${keys.origin}`, assignedArm: 'champion', servedArm: 'champion', fallback: false, keys, request, at, vectors: [vectors[i]], scores }],
          });
        }
        await labels.append(rows.map((row) => labelInput(row, labelOf(row))), 'event');
      }
      if (entries.length > 0) await this.seal([await piece(entries)]);
    },
    /** Seals the logs and compacts what was sealed. */
    async seal(more: readonly RawSegment[] = []): Promise<void> {
      const raws = [...more];
      for (const log of [events, labels, observations]) {
        const pieces = await log.seal();
        raws.push(...pieces);
        await log.forget(pieces.map(({ hash }) => hash));
      }
      segments.push(...(await activities.compact({ key: `c${(sequence += 1)}`, endpoint: ENDPOINT, raws, services })).segments);
    },
    /** Everything that was sealed; the vectors as if `service` had logged them. */
    catalogue: (watermark: TimeUs, service = compiled.hash): Promise<string> =>
      blobs.putJson({ v: 1, endpoint: ENDPOINT, watermark, segments: segments.map((one) => (one.table === 'vectors' ? { ...one, name: service } : one)), services } satisfies Catalogue),
    async close(): Promise<void> {
      await Promise.all([events.close(), labels.close(), observations.close()]);
      db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function piece(entries: readonly PredictionEntry[]): Promise<RawSegment> {
    const packed = gzipSync(Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')));
    return { log: 'predictions', writer: `s/${versionKey(entries[0]?.rows[0]?.scores[0]?.version ?? { model: 'none', version: 0 })}`, hash: await blobs.put(packed), bytes: packed.length, rows: entries.length, sequences: { from: (sequence += 1), to: (sequence += entries.length) } };
  }
}
export type Lived = Awaited<ReturnType<typeof openLived>>;
