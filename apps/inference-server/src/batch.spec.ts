import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_US, isBatch, predictionIdOf, type Catalogue, type ComputeActivities, type SegmentRef } from '@mettle/contracts';
import { auditVectors, buildSnapshot, compact, importSpine } from '@mettle/datasets';
import { openDuckDB, sqlString, type Db } from '@mettle/duckdb';
import { hashOfService } from '@mettle/feature-language';
import { createComputeActivities } from '@mettle/lifecycle-activities';
import { ENDPOINT, infer, inputs, openWorld, T, version, type World } from './testing/world.ts';
import { tripsDefinition, wideDefinition } from './testing/trips.ts';

const HOURS = 6;
const DEFINITIONS = { [hashOfService(tripsDefinition)]: tripsDefinition, [hashOfService(wideDefinition)]: wideDefinition };

let world: World;
let db: Db;
let segments: SegmentRef[];
let activities: ComputeActivities;
const catalogueOf = (all: readonly SegmentRef[], watermark = T + 10 * HOUR_US): Catalogue => ({ v: 1, endpoint: ENDPOINT, watermark, segments: [...all], services: {} });
const table = async (one: SegmentRef | undefined): Promise<string> => `read_parquet(${sqlString(await world.blobs.path(one!.hash))})`;
const named = (all: readonly SegmentRef[], of: SegmentRef['table'], batch: boolean): SegmentRef | undefined => all.find((one) => one.table === of && isBatch(one) === batch);

/** Uploads rows of the predictions that were served online, under their ids. */
async function uploaded(definition = tripsDefinition): Promise<string> {
  const vectors = await table(segments.find((one) => one.table === 'vectors' && one.name === hashOfService(tripsDefinition)));
  const path = world.blobs.temporary();
  await db.run(`COPY (SELECT prediction_id, make_timestamp("at") AS "at", keys->>'origin' AS origin, keys->>'plane' AS plane, request->>'carrier' AS carrier, (request->>'departs')::BIGINT AS departs, (request->>'distance')::FLOAT AS distance FROM ${vectors} ORDER BY prediction_id)
    TO ${sqlString(path)} (FORMAT parquet)`.replace(definition === tripsDefinition ? "keys->>'plane' AS plane, " : '§', ''));
  return (await importSpine({ db, blobs: world.blobs, bytes: await readFile(path), definition, endpoint: ENDPOINT })).spine;
}

async function score(n: number, source: { kind: 'spine'; spine: string } | { kind: 'snapshot'; snapshot: string }, catalogue = catalogueOf(segments), definition = tripsDefinition) {
  const { file, fitted, service, definition: blob } = world.files[`trips@${n}`]!;
  return activities.scoreRows({ key: `trips@${n}`, catalogue: await world.blobs.putJson(catalogue), source, version: version(n), file, fitted: fitted!, service: service!, definition: blob ?? await world.blobs.putJson(definition) });
}

/** The fourth row is one that version 4 fails at, and its whole run with it. */
const rowsOf = (at: number) => inputs(17, at).map((input) => (input.name === 'distance' ? { ...input, data: (input.data as number[]).map((value, i) => (i === 3 ? 20_000 : value)) } : input));

beforeAll(async () => {
  world = await openWorld();
  db = await openDuckDB({ tempDirectory: join(world.home, 'spill') });
  activities = createComputeActivities({ blobs: world.blobs, db, home: join(world.home, 'compute'), trainers: { names: [], get: () => { throw new Error('no trainer'); } } });
  await world.addVersion(1, 'tree.onnx');
  await world.addVersion(2, 'tree-b.onnx');
  await world.addVersion(3, 'tree-wide.onnx', wideDefinition);
  await world.addVersion(4, 'brittle.onnx');
  world.decide('deploy', 1);
  for (const n of [2, 3, 4]) world.decide('startShadow', n);
  const server = await world.start();
  await world.served();
  for (let hour = 0; hour < HOURS; hour += 1) {
    const at = T + hour * HOUR_US;
    await world.push('weather', { origin: ['JFK', 'LGA'][hour % 2]! }, { temp: 20.25 + 5 * hour }, at);
    for (let n = 0; n < 5; n += 1) await world.push('landings', { origin: ['JFK', 'LGA', 'EWR'][n % 3]!, plane: `N${n}` }, { delay: 1.5 * n - hour }, at + n * 60_000_000);
    expect((await infer(server, { id: `r${hour}`, inputs: rowsOf(at + 7 * 60_000_000) })).status).toBe(200);
  }
  await world.logged();
  const packed = gzipSync(Buffer.from(world.events.map((event) => `${JSON.stringify(event)}\n`).join('')));
  const events = { log: 'events' as const, writer: 'p0', hash: await world.blobs.put(packed), bytes: packed.length, rows: world.events.length, sequences: { from: 1, to: world.events.length } };
  segments = await compact({ db, blobs: world.blobs, raws: [events, ...world.gateway.pieces.values()], definitions: [tripsDefinition, wideDefinition] });
});
afterAll(async () => {
  db.close();
  await world.close();
});

describe('batch scoring', () => {
  it.each([[1, tripsDefinition], [2, tripsDefinition], [3, wideDefinition], [4, tripsDefinition]])('gives version %i the bits that the server gave it for the same rows, failures too', async (n, definition) => {
    const result = await score(n, { kind: 'spine', spine: await uploaded(definition) });
    const rows = HOURS * 17;
    expect(result).toMatchObject({ endpoint: ENDPOINT, version: version(n), rows, vectors: rows, range: { from: T + 7 * 60_000_000, to: T + (HOURS - 1) * HOUR_US + 7 * 60_000_000 + 1 } });

    const online = await table(named(segments, 'predictions', false));
    const both = await db.all<{ a: number | null; b: number | null; ea: string | null; eb: string | null }>(`SELECT o.p AS a, s.p AS b, o.error AS ea, s.error AS eb FROM (SELECT * FROM ${online} WHERE version = 'trips@${n}') o JOIN read_parquet(${sqlString(await world.blobs.path(result.scores))}) s USING (prediction_id, "at")`);
    expect(both).toHaveLength(rows);
    expect(both.every(({ a, b }) => Object.is(a, b))).toBe(true);
    expect(both.map(({ eb }) => eb === null)).toEqual(both.map(({ ea }) => ea === null));
    expect(new Set(both.map(({ b }) => b)).size).toBeGreaterThan(n === 4 ? 0 : 3);
    expect([result.failed, both.filter(({ b }) => b === null).length]).toEqual(n === 4 ? [HOURS, HOURS] : [0, 0]);
  });

  it('logs what it scored like online: the same vectors, nothing served, of origin batch', async () => {
    const result = await score(2, { kind: 'spine', spine: await uploaded() });
    expect(result.segments.map(({ table: of, rows }) => [of, rows])).toEqual([['predictions', HOURS * 17], ['vectors', HOURS * 17]]);
    expect(await db.all(`SELECT DISTINCT served, fallback, origin, server, version, endpoint, arm, epoch FROM ${await table(named(result.segments, 'predictions', true))}`)).toEqual([
      { served: false, fallback: false, origin: 'batch', server: 'batch', version: 'trips@2', endpoint: ENDPOINT, arm: null, epoch: null },
    ]);
    const features = tripsDefinition.service.features.map(({ name }) => `f_${name}`).join(', ');
    const of = async (one: SegmentRef | undefined, keys: string): Promise<unknown[]> => db.all(`SELECT prediction_id, "at", endpoint, ${keys}, request, statuses, ${features} FROM ${await table(one)} ORDER BY prediction_id`);
    const keys = "keys->>'origin' AS origin";
    expect(await of(named(result.segments, 'vectors', true), keys)).toEqual(await of(segments.find((one) => one.table === 'vectors' && one.name === hashOfService(tripsDefinition)), keys));
  });

  it('says the same when it is asked again, and the same segments at a later watermark', async () => {
    const source = { kind: 'spine' as const, spine: await uploaded() };
    const first = await score(1, source);
    expect(await score(1, source)).toEqual(first);
    expect(await score(1, source, catalogueOf([...segments, ...first.segments], T + 20 * HOUR_US))).toEqual(first);
  });

  it('names rows without an id by the file, so that scoring it twice adds nothing', async () => {
    const path = world.blobs.temporary();
    await db.run(`COPY (SELECT ${T} + i AS "at", 'JFK' AS origin, NULL::VARCHAR AS carrier, ${T} AS departs, i::INTEGER AS distance FROM range(3) t(i)) TO ${sqlString(path)} (FORMAT parquet)`);
    const bytes = await readFile(path);
    const spines = await Promise.all([0, 1].map(() => importSpine({ db, blobs: world.blobs, bytes, definition: tripsDefinition, endpoint: ENDPOINT })));
    expect(spines[0]).toEqual(spines[1]);
    const { scores, segments: logged } = await score(1, { kind: 'spine', spine: spines[0]!.spine });
    const [row] = await db.all<{ request_id: string; prediction_id: string }>(`SELECT request_id, prediction_id FROM ${await table(named(logged, 'predictions', true))} WHERE "row" = 1`);
    expect(row!.prediction_id).toBe(predictionIdOf(ENDPOINT, row!.request_id, 1));
    expect(await db.all(`DESCRIBE SELECT * FROM read_parquet(${sqlString(await world.blobs.path(scores))})`).then((all) => all.map((one) => one['column_name']))).toEqual(['prediction_id', 'at', 'k_origin', 'p', 'error', 'version']);
  });

  it('scores a data version from the vectors that it holds, to the same bits', async () => {
    const catalogue = catalogueOf(segments);
    const snapshot = await buildSnapshot({ db, blobs: world.blobs, catalogue, definition: tripsDefinition, asOf: catalogue.watermark, range: { from: T, to: T + 3 * HOUR_US }, cacheDir: join(world.home, 'cache') });
    const held = await score(2, { kind: 'snapshot', snapshot: snapshot.manifest });
    expect([held.rows, held.vectors, snapshot.rows]).toEqual([51, 51, 51]);
    const joined = await score(2, { kind: 'spine', spine: await uploaded() });
    const both = await db.all<{ a: number; b: number }>(`SELECT h.p AS a, j.p AS b FROM read_parquet(${sqlString(await world.blobs.path(held.scores))}) h JOIN read_parquet(${sqlString(await world.blobs.path(joined.scores))}) j USING (prediction_id)`);
    expect([both.length, both.every(({ a, b }) => Object.is(a, b))]).toEqual([51, true]);
    await expect(score(3, { kind: 'snapshot', snapshot: snapshot.manifest }, catalogue, wideDefinition)).rejects.toMatchObject({ code: 'SERVICE_MISMATCH' });
  });

  it('is audited: its vectors through the serving path, and a vector that is another is found', async () => {
    const { segments: logged } = await score(1, { kind: 'spine', spine: await uploaded() });
    const audit = (all: readonly SegmentRef[]) => auditVectors({ db, blobs: world.blobs, catalogue: catalogueOf(all), from: T, to: T + 10 * HOUR_US, definitionOf: (service) => Promise.resolve(DEFINITIONS[service]!), cacheDir: join(world.home, 'cache') });
    const online = await audit(segments);
    const rows = HOURS * 17;
    expect(online).toMatchObject({ verdict: 'pass', mismatches: 0 });
    expect(await audit([...segments, ...logged])).toMatchObject({ verdict: 'pass', rows: online.rows + rows, mismatches: 0 });

    const vectors = named(logged, 'vectors', true)!;
    const path = world.blobs.temporary();
    await db.run(`COPY (SELECT * REPLACE (f_temp + 1e-12 AS f_temp) FROM ${await table(vectors)}) TO ${sqlString(path)} (FORMAT parquet)`);
    const forged = { ...vectors, hash: (await world.blobs.putFile(path)).hash };
    const found = await audit([...segments, forged]);
    expect(found.verdict).toBe('fail');
    expect(found.mismatches).toBeGreaterThan(rows / 2);
  });
});
