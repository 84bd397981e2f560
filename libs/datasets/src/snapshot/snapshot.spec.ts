import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Catalogue, batchName, DAY_US, HOUR_US, predictionIdOf, Profile, Snapshot, SnapshotManifest, type RawSegment, type SegmentRef } from '@mettle/contracts';
import { copyToParquet, fileList, sqlString } from '@mettle/duckdb';
import { auditVectors, buildSnapshot, compact, exportSnapshot, importSnapshot, parkedLabels, proveParity } from '../index.ts';
import { definition, label, observation, openWorld, raw, served, serviceHash, START, weatherEvent, type World } from '../testing/world.ts';

let world: World;
let segments: SegmentRef[] = [];
const day = (n: number): number => START + n * DAY_US;
const seal = async (...raws: RawSegment[]): Promise<void> => void segments.push(...(await compact({ ...world, raws, definitions: [definition] })));
const catalogue = (): Catalogue => Catalogue.parse({ v: 1, endpoint: 'e', watermark: day(60), segments, services: {} });
const build = (to = 40, asOf = day(60), cache = 'cache'): Promise<Snapshot> =>
  buildSnapshot({ ...world, catalogue: catalogue(), definition, asOf, range: { from: START, to: day(to) }, cacheDir: join(world.dir, cache) });
const manifestOf = (snapshot: Snapshot): Promise<SnapshotManifest> => world.blobs.getJson(snapshot.manifest, SnapshotManifest);
async function table(snapshot: Snapshot): Promise<Record<string, unknown>[]> {
  const path = await exportSnapshot({ ...world, snapshot: snapshot.manifest });
  return world.db.all(`SELECT * FROM read_parquet(${sqlString(path)})`);
}

/** Forty days of history: an observation a day, weather for JFK each twelve hours that is known an hour later. */
beforeAll(async () => {
  world = await openWorld();
  segments = [];
  const weather = Array.from({ length: 80 }, (_, i) => weatherEvent(i + 1, { eventTime: START + i * 12 * HOUR_US, knownAt: START + (i * 12 + 1) * HOUR_US, values: { temp: i, gust: i, sky: 's' } }));
  const observations = Array.from({ length: 39 }, (_, i) => observation(i + 1));
  const labels = [
    label(1, { knownAt: day(2) }),
    label(2, { knownAt: day(3), target: { endpoint: 'e', keys: { origin: 'JFK', flight: 'F2' }, at: day(2) }, value: 1 }),
    label(3, { knownAt: day(4), value: 0 }),
    label(4, { labelId: 'l3', knownAt: day(50), target: { predictionId: predictionIdOf('e', 'r3', 0) }, revision: 1, value: 1 }),
    label(5, { knownAt: day(5), target: { predictionId: 'a'.repeat(64) } }),
    label(6, { knownAt: day(5), target: { endpoint: 'e', keys: { origin: 'JFK', flight: 'F9' }, at: day(2) } }),
    label(7, { knownAt: day(5), target: { endpoint: 'another', keys: { origin: 'JFK', flight: 'F2' }, at: day(2) }, value: 0 }),
    // Outcomes of before T are another prediction's; one at T counts.
    label(8, { knownAt: day(50), eventTime: day(8) - 1 }),
    label(9, { knownAt: day(50), eventTime: day(9), value: 1 }),
    label(10, { labelId: 'l9', target: { predictionId: predictionIdOf('e', 'r9', 0) }, revision: 1, knownAt: day(51), eventTime: day(9) - 1, value: 0 }),
  ];
  // In pieces, as days would be: enough of them that full groups are merged.
  for (let i = 0; i < 80; i += 2) await seal(await raw(world.blobs, 'events', weather.slice(i, i + 2), 'p0', i + 1));
  await seal(await raw(world.blobs, 'observations', observations.slice(0, 20)));
  await seal(await raw(world.blobs, 'observations', observations.slice(20), 'p0', 21), await raw(world.blobs, 'labels', labels));
});

describe('buildSnapshot', () => {
  it('joins every row as known at its T, and gives it the label as known at asOf', async () => {
    const snapshot = Snapshot.parse(await build());
    expect(snapshot).toMatchObject({ service: serviceHash, rows: 39, labelled: 4 });
    const rows = await table(snapshot);
    expect(rows.map(({ at }) => at)).toEqual(Array.from({ length: 39 }, (_, i) => day(i + 1)));
    // T is day 2: of the weather of day 2, 00:00 (temp 4), nothing is known until 01:00; that of day 1, 12:00 is temp 3.
    expect(rows[1]).toEqual({ prediction_id: predictionIdOf('e', 'r2', 0), at: day(2), f_carrier: 'UA', f_distance: 200, f_temp: 3, f_gust: 3, f_cold: false, f_mean_6h: null, label: 1 });
    expect(rows.map(({ f_temp: temp }) => temp)).toEqual(rows.map((_, i) => ((i + 1) % 2 === 0 ? 2 * (i + 1) - 1 : null)));
    expect(rows[0]).toMatchObject({ f_temp: null, f_cold: null, label: 1 });
    expect(rows[2]).toMatchObject({ prediction_id: predictionIdOf('e', 'r3', 0), label: 1 });
    expect([rows[7]!.label, rows[8]!.label]).toEqual([null, 1]);
    expect((await table(await build(40, day(49))))[2]).toMatchObject({ label: 0 });
    expect((await build(40, day(2))).labelled).toBe(1);
  });

  it('aligns the labels with the concatenated partitions, row by row', async () => {
    const manifest = await manifestOf(await build());
    const ids: string[] = [];
    for (const { hash, rows, range } of manifest.partitions) {
      const part = await world.db.all<{ prediction_id: string; at: number }>(`SELECT prediction_id, "at" FROM read_parquet(${sqlString(await world.blobs.path(hash))})`);
      expect(part.length).toBe(rows);
      expect(part.every(({ at }) => at >= range.from && at < range.to)).toBe(true);
      ids.push(...part.map(({ prediction_id: id }) => id));
    }
    const labels = await world.db.all<{ prediction_id: string }>(`SELECT prediction_id FROM read_parquet(${sqlString(await world.blobs.path(manifest.labels))})`);
    expect(labels.map(({ prediction_id: id }) => id)).toEqual(ids);
    expect(manifest.columns).toContainEqual({ name: 'temp', type: 'float64' });
  });

  it('gives the same hashes for the same inputs, cache or not, in whatever order the segments are listed', async () => {
    const first = await build();
    expect(await build()).toEqual(first);
    segments.reverse();
    expect(await build(40, day(60), 'another-cache')).toEqual(first);
    segments.reverse();
  });

  it('does not join again what a grown catalogue cannot change', async () => {
    const before = await manifestOf(await build(28));
    const joined = async (): Promise<number> => (await readdir(join(world.dir, 'cache', 'partitions'))).length;
    const files = await joined();
    const kept = [...segments];
    await seal(await raw(world.blobs, 'events', [weatherEvent(81, { eventTime: START + DAY_US, knownAt: day(45), values: { temp: 99, gust: 9, sky: 'late' } })], 'p0', 81));
    expect((await manifestOf(await build(28))).partitions).toEqual(before.partitions);
    expect(await joined()).toBe(files);
    segments = kept;
  });

  it('counts a prediction once, whichever services logged it, and leaves out other endpoints', async () => {
    const kept = [...segments];
    const elsewhere = served(1000, { endpoint: 'another' });
    await seal(await raw(world.blobs, 'predictions', [served(1000), elsewhere], 's1'));
    await seal(await raw(world.blobs, 'predictions', [served(1000)], 's2'));
    const snapshot = await build(45);
    expect(snapshot.rows).toBe(40);
    segments = kept;
  });

  it('trains on nothing that was scored in batch alone, which labels may name all the same', async () => {
    const without = await build();
    const online = catalogue();
    const [vectors] = await compact({ ...world, raws: [await raw(world.blobs, 'predictions', [served(900, { endpoint: 'e' })], 's9')], definitions: [definition] }).then((all) => all.filter((one) => one.table === 'vectors'));
    const joined = (segments: SegmentRef[]) => buildSnapshot({ ...world, catalogue: { ...online, segments: [...online.segments, ...segments] }, definition, asOf: day(60), range: { from: START, to: day(40) }, cacheDir: join(world.dir, 'cache') });
    expect(await joined([{ ...vectors!, name: batchName(vectors!.name) }])).toEqual(without);
    expect((await joined([vectors!])).rows).toBe(without.rows + 1);

    const [labels] = await compact({ ...world, raws: [await raw(world.blobs, 'labels', [label(90, { target: { predictionId: predictionIdOf('e', 'r900', 0) }, knownAt: day(50) })], 'p9')], definitions: [definition] });
    const parked = (segments: SegmentRef[]) => parkedLabels({ ...world, catalogue: { ...online, segments: [...online.segments, labels!, ...segments] }, asOf: day(60), cacheDir: join(world.dir, 'cache') });
    expect((await parked([])) - (await parked([{ ...vectors!, name: batchName(vectors!.name) }]))).toBe(1);
  });

  it('says that there is nothing to train on', async () => {
    await expect(buildSnapshot({ ...world, catalogue: catalogue(), definition, asOf: day(60), range: { from: day(50), to: day(60) }, cacheDir: join(world.dir, 'cache') })).rejects.toMatchObject({ code: 'NO_TRAINING_DATA' });
  });

  it('profiles every feature with edges that are frozen with it', async () => {
    const { columns } = await world.blobs.getJson((await build()).profile, Profile);
    expect(columns.map(({ name }) => name)).toEqual(['carrier', 'distance', 'temp', 'gust', 'cold', 'mean_6h']);
    const temp = columns.find(({ name }) => name === 'temp')!;
    expect(temp.rows).toBe(39);
    expect(temp.nulls + temp.underflow + temp.overflow + temp.bins.reduce((a, b) => a + b, 0)).toBe(39);
  });
});

describe('parkedLabels', () => {
  it('counts the labels whose prediction nobody has seen', async () => {
    const parked = (asOf: number): Promise<number> => parkedLabels({ ...world, catalogue: catalogue(), asOf, cacheDir: join(world.dir, 'cache') });
    expect([await parked(day(60)), await parked(day(4))]).toEqual([2, 0]);
  });
});

describe('proof and exchange', () => {
  const prove = async (snapshot: Snapshot): Promise<unknown> => proveParity({ ...world, catalogue: catalogue(), cacheDir: join(world.dir, 'cache'), snapshot: snapshot.manifest, definition });
  const changed = async (select: string, where = ''): Promise<Buffer> => {
    const path = await exportSnapshot({ ...world, snapshot: (await build()).manifest });
    const out = world.blobs.temporary();
    await copyToParquet(world.db, `SELECT ${select} FROM read_parquet(${fileList([path])}) ${where}`, out);
    return readFile(out);
  };
  const take = (bytes: Uint8Array): Promise<Snapshot> => importSnapshot({ ...world, bytes, definition, asOf: day(60) });

  it('proves a joined data version through the serving path', async () => {
    expect(await prove(await build())).toMatchObject({ verdict: 'pass', rows: 39, mismatches: 0 });
  });

  it('takes back what it gave out; its vectors are proved too', async () => {
    const imported = await take(await changed('*'));
    expect(await manifestOf(imported)).toMatchObject({ origin: 'imported', rows: 39, labelled: 4, service: serviceHash });
    expect(await table(imported)).toEqual(await table(await build()));
    expect(await prove(imported)).toMatchObject({ verdict: 'pass', mismatches: 0 });
  });

  // Half of the rows are of JFK, whose weather is known.
  it('finds a column in another unit', async () => {
    const imported = await take(await changed('* REPLACE (f_temp * 1.8 + 32 AS f_temp)'));
    expect(await prove(imported)).toMatchObject({ verdict: 'fail', rows: 39, mismatches: 19 });
  });

  it.each([
    ['a column is missing', '* EXCLUDE (f_temp)', 'SIGNATURE_MISMATCH'],
    ['a column is unknown', '*, 1.0::DOUBLE AS f_wind', 'SIGNATURE_MISMATCH'],
    ['a column has another type', '* REPLACE (f_temp::VARCHAR AS f_temp)', 'SIGNATURE_MISMATCH'],
    ['the label is missing', '* EXCLUDE (label)', 'SIGNATURE_MISMATCH'],
    ['a prediction is there twice', `* REPLACE ('x' AS prediction_id)`, 'INVALID_INPUT'],
    ['a T is missing', `* REPLACE (nullif("at", ${day(39)}) AS "at")`, 'INVALID_INPUT'],
    ['a feature is NaN', `* REPLACE ('NaN'::DOUBLE AS f_temp)`, 'NOT_A_NUMBER'],
    ['a label is infinite', `* REPLACE ('Infinity'::DOUBLE AS label)`, 'NOT_A_NUMBER'],
  ])('refuses a file in which %s, and leaves nothing behind', async (_, select, code) => {
    const bytes = await changed(select);
    const before = await readdir(join(world.dir, 'blobs', 'tmp'));
    await expect(take(bytes)).rejects.toMatchObject({ code });
    expect(await readdir(join(world.dir, 'blobs', 'tmp'))).toEqual(before);
  });

  it('refuses what is no Parquet, what was cut off, and what has no rows', async () => {
    const whole = await changed('*');
    for (const bytes of [Buffer.from('not parquet'), whole.subarray(0, 100), await changed('*', 'WHERE false')]) {
      await expect(take(bytes)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
  });

  it('finds logged vectors that replay does not give', async () => {
    const kept = [...segments];
    await seal(await raw(world.blobs, 'predictions', [served(1000)], 's1'));
    const report = await auditVectors({ ...world, catalogue: catalogue(), cacheDir: join(world.dir, 'cache'), from: START, to: day(60), definitionOf: () => Promise.resolve(definition) });
    expect(report).toMatchObject({ verdict: 'fail', rows: 1, mismatches: 1 });
    segments = kept;
  });
});
