import type { EventRecord, Value } from '@mettle/contracts';
import { canonicalJson, hours } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { compileService } from '@mettle/feature-language';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../online/open-online-store.ts';
import { byHand } from '../testing/by-hand.ts';
import { createEngine } from '../testing/engine.ts';
import type { Logged } from '../testing/log-vectors.ts';
import { serve, writeVectors } from '../testing/log-vectors.ts';
import { lateness } from '../testing/project.ts';
import type { Prediction } from '../testing/world.ts';
import { createLog, createPredictions, writeAllEvents, writeSpine } from '../testing/world.ts';
import { auditLog } from './audit-log.ts';
import { joinPointInTime } from './join-point-in-time.ts';
import { proveSnapshot } from './prove-snapshot.ts';

const service = compileService(lateness);
const names = service.features.map(({ name }) => name);

let engine: Awaited<ReturnType<typeof createEngine>>;
let db: Db;
beforeAll(async () => {
  engine = await createEngine();
  ({ db } = engine);
});
afterAll(() => engine.close());

const joined = async (path: string): Promise<Map<string, Record<string, Value>>> => {
  const rows = await db.all<Record<string, Value>>(`SELECT * FROM read_parquet('${path}')`);
  return new Map(rows.map((row) => [row['prediction_id'] as string, Object.fromEntries(names.map((name) => [name, row[`f_${name}`] as Value]))]));
};

interface World {
  records: EventRecord[];
  predictions: Prediction[];
  eventFiles: Record<string, string[]>;
  spine: { files: string[] };
  at: (name: string) => string;
}
async function world(seed: number, events = 500, rows = 300): Promise<World> {
  const records = createLog(seed, events);
  const predictions = createPredictions(seed + 1, rows);
  const at = (name: string): string => `${engine.folder}/${name}-${seed}.parquet`;
  const eventFiles = await writeAllEvents(db, records, engine.folder);
  return { records, predictions, eventFiles, spine: { files: [await writeSpine(db, predictions, at('spine'))] }, at };
}
/** Rewrites one value of one row. */
async function mutate(from: string, to: string, column: string, value: string, id: string): Promise<void> {
  await db.run(`COPY (SELECT * REPLACE (CASE WHEN prediction_id = '${id}' THEN ${value} ELSE "${column}" END AS "${column}") FROM read_parquet('${from}') ORDER BY "at", prediction_id) TO '${to}' (FORMAT parquet)`);
}

describe('the point-in-time join', () => {
  it.each([1, 2, 3])('gives what was known at T, by hand (world %d)', async (seed) => {
    const { records, predictions, eventFiles, spine, at } = await world(seed);
    expect(await joinPointInTime({ db, definition: lateness, eventFiles, spine, out: at('out') })).toEqual({ rows: predictions.length });
    const rows = await joined(at('out'));
    for (const prediction of predictions) {
      expect(rows.get(prediction.predictionId)).toEqual(byHand(records, prediction, ({ knownAt }) => knownAt <= prediction.at));
    }
  });

  it('gives what a position had applied, by hand', async () => {
    const { records, predictions, eventFiles, at } = await world(4);
    const placed = predictions.map((prediction, i) => ({ ...prediction, position: (i * 37) % (records.length + 1) }));
    const spine = { files: [await writeSpine(db, placed, at('placed'))] };
    await joinPointInTime({ db, definition: lateness, eventFiles, spine, mode: 'position', out: at('out') });
    const rows = await joined(at('out'));
    for (const prediction of placed) {
      expect(rows.get(prediction.predictionId)).toEqual(byHand(records, prediction, ({ sequence }) => sequence <= prediction.position));
    }
  });

  it('writes the same bytes on one thread and on two, ordered by T and id', async () => {
    const { eventFiles, spine, at } = await world(5);
    const single = await createEngine(1);
    await joinPointInTime({ db, definition: lateness, eventFiles, spine, out: at('two') });
    await joinPointInTime({ db: single.db, definition: lateness, eventFiles, spine, out: at('one') });
    single.close();
    const [row] = await db.all<{ same: boolean }>(`SELECT (SELECT content FROM read_blob('${at('one')}')) = (SELECT content FROM read_blob('${at('two')}')) AS same`);
    expect(row?.same).toBe(true);
    const order = await db.all<{ prediction_id: string; at: number }>(`SELECT prediction_id, "at" FROM read_parquet('${at('one')}')`);
    expect(order).toEqual([...order].sort((a, b) => a.at - b.at || (a.prediction_id < b.prediction_id ? -1 : 1)));
  });

  it('keeps to the range, and is the union of its ranges', async () => {
    const { predictions, eventFiles, spine, at } = await world(6);
    const middle = [...predictions].sort((a, b) => a.at - b.at)[150]?.at ?? 0;
    await joinPointInTime({ db, definition: lateness, eventFiles, spine, out: at('all') });
    await joinPointInTime({ db, definition: lateness, eventFiles, spine: { ...spine, range: { from: 0, to: middle } }, out: at('before') });
    await joinPointInTime({ db, definition: lateness, eventFiles, spine: { ...spine, range: { from: middle, to: 9e15 } }, out: at('after') });
    expect(new Map([...(await joined(at('before'))), ...(await joined(at('after')))])).toEqual(await joined(at('all')));
  });

  it('reads, at its first row, what is exactly as old as a ttl or one µs younger than a window', async () => {
    const { predictions, at } = await world(9, 10, 1);
    const first = predictions[0] as Prediction;
    const event = { v: 1, schema: '', publishedAt: null, partition: 0, revision: 0, op: 'assert', knownAt: first.at } as const;
    const edge: EventRecord[] = [
      { ...event, eventId: 'a', sequence: 1, source: 'weather', keys: { origin: first.keys['origin'] as string }, values: { temp: 3, sky: null, gust: null }, eventTime: first.at - hours(6) },
      { ...event, eventId: 'b', sequence: 2, source: 'landings', keys: { origin: first.keys['origin'] as string, plane: 99 }, values: { arr_delay: 8, seats: null }, eventTime: first.at - hours(6) + 1 },
      { ...event, eventId: 'c', sequence: 3, source: 'landings', keys: { origin: first.keys['origin'] as string, plane: 99 }, values: { arr_delay: 9, seats: null }, eventTime: first.at - hours(6) },
    ];
    const eventFiles = await writeAllEvents(db, edge, engine.folder);
    const spine = { files: [await writeSpine(db, [first], at('edge'))] };
    await joinPointInTime({ db, definition: lateness, eventFiles, spine, out: at('out') });
    expect((await joined(at('out'))).get(first.predictionId)).toMatchObject({ temp: 3, landed_6h: 1, mean_6h: 8 });
    expect(await proveSnapshot({ db, definition: lateness, eventFiles, spine, vectorsFile: at('out') })).toMatchObject({ rows: 1, mismatches: 0 });
  });

  it('reads empty where there are no events, no rows where there is no spine', async () => {
    const { predictions, spine, at } = await world(7, 10, 20);
    expect(await joinPointInTime({ db, definition: lateness, eventFiles: {}, spine, out: at('out') })).toEqual({ rows: predictions.length });
    expect([...(await joined(at('out'))).values()][0]).toMatchObject({ temp: null, landed_6h: 0, mean_6h: null });
    expect(await joinPointInTime({ db, definition: lateness, eventFiles: {}, spine: { files: [] }, out: at('none') })).toEqual({ rows: 0 });
  });

  it('keeps a row that is there twice', async () => {
    const { predictions, eventFiles, at } = await world(8);
    const twice = [...predictions.slice(0, 5), ...predictions.slice(0, 2)];
    const spine = { files: [await writeSpine(db, twice, at('twice'))] };
    expect(await joinPointInTime({ db, definition: lateness, eventFiles, spine, out: at('out') })).toEqual({ rows: 7 });
    expect(await proveSnapshot({ db, definition: lateness, eventFiles, spine, vectorsFile: at('out') })).toMatchObject({ rows: 7, mismatches: 0 });
  });
});

describe('the proof of a snapshot', () => {
  it('finds every row equal when it is recomputed through the serving path', async () => {
    const { predictions, eventFiles, spine, at } = await world(11, 900, 500);
    await joinPointInTime({ db, definition: lateness, eventFiles, spine, out: at('out') });
    expect(await proveSnapshot({ db, definition: lateness, eventFiles, spine, vectorsFile: at('out') })).toEqual({ rows: predictions.length, mismatches: 0, samples: [] });
  });

  it('finds one ulp, another unit, a null for a zero, a row too few and a row too many', async () => {
    const { predictions, eventFiles, spine, at } = await world(12);
    await joinPointInTime({ db, definition: lateness, eventFiles, spine, out: at('out') });
    const proof = (vectorsFile: string) => proveSnapshot({ db, definition: lateness, eventFiles, spine, vectorsFile });
    const hot = [...(await joined(at('out')))].find(([, row]) => typeof row['mean_6h'] === 'number' && row['mean_6h'] !== 0)?.[0] as string;
    await mutate(at('out'), at('ulp'), 'f_mean_6h', 'f_mean_6h * (1 + 2.3e-16)', hot);
    expect(await proof(at('ulp'))).toMatchObject({ mismatches: 1, samples: [{ predictionId: hot, feature: 'mean_6h' }] });
    const empty = [...(await joined(at('out')))].find(([, row]) => row['landed_6h'] === 0)?.[0] as string;
    await mutate(at('out'), at('null'), 'f_landed_6h', 'NULL', empty);
    expect(await proof(at('null'))).toMatchObject({ mismatches: 1, samples: [{ feature: 'landed_6h', found: null, expected: 0 }] });
    await db.run(`COPY (SELECT * REPLACE (f_distance * 1.609 AS f_distance) FROM read_parquet('${at('out')}')) TO '${at('unit')}' (FORMAT parquet)`);
    expect(await proof(at('unit'))).toMatchObject({ rows: predictions.length, mismatches: predictions.length });
    await db.run(`COPY (SELECT * FROM read_parquet('${at('out')}') WHERE prediction_id <> '${hot}') TO '${at('few')}' (FORMAT parquet)`);
    expect(await proof(at('few'))).toMatchObject({ mismatches: 1, samples: [{ predictionId: hot, feature: null, found: null }] });
    await db.run(`COPY (SELECT * FROM read_parquet('${at('out')}') UNION ALL SELECT * REPLACE ('extra' AS prediction_id) FROM read_parquet('${at('out')}') WHERE prediction_id = '${hot}') TO '${at('many')}' (FORMAT parquet)`);
    expect(await proof(at('many'))).toMatchObject({ mismatches: 1, samples: [{ predictionId: 'extra', feature: null }] });
  });

  it('finds a join that looked into the future', async () => {
    const { records, eventFiles, spine, at } = await world(13);
    const early = await writeAllEvents(db, records.map((record) => ({ ...record, knownAt: Math.min(record.knownAt, record.eventTime) })), `${engine.folder}`);
    await joinPointInTime({ db, definition: lateness, eventFiles: early, spine, out: at('leak') });
    await writeAllEvents(db, records, engine.folder);
    expect((await proveSnapshot({ db, definition: lateness, eventFiles, spine, vectorsFile: at('leak') })).mismatches).toBeGreaterThan(10);
  });
});

describe('the audit of a log', () => {
  let logged: Logged[];
  let w: World;
  beforeAll(async () => {
    w = await world(21, 900, 600);
    const store = createMemoryStore();
    await store.register(lateness);
    logged = await serve(store, service, w.records, w.predictions);
    await writeVectors(db, service, logged, w.at('vectors'));
  });
  const audit = (path: string) => auditLog({ db, definition: lateness, eventFiles: w.eventFiles, vectorFiles: [path] });

  it('recomputes every vector at its T and position, even where T lies behind or ahead of what was applied', async () => {
    expect(await audit(w.at('vectors'))).toEqual({ rows: logged.length, mismatches: 0, samples: [] });
  });
  it('by hand, the reads themselves are right', () => {
    for (const { vector, position, ...prediction } of logged) {
      const read = Object.fromEntries(names.map((name, i) => [name, vector.values[i]]));
      expect(read).toEqual(byHand(w.records, prediction, ({ sequence }) => sequence <= position));
    }
  });
  it('finds one changed value, and one changed status', async () => {
    const id = logged[77]?.predictionId as string;
    await mutate(w.at('vectors'), w.at('bad'), 'f_landed_6h', 'f_landed_6h + 1', id);
    expect(await audit(w.at('bad'))).toMatchObject({ rows: logged.length, mismatches: 1, samples: [{ predictionId: id, feature: 'landed_6h' }] });
    await mutate(w.at('vectors'), w.at('status'), 'statuses', `'4' || substr(statuses, 2)`, id);
    expect(await audit(w.at('status'))).toMatchObject({ mismatches: 1, samples: [{ predictionId: id, feature: 'statuses' }] });
  });
  it('finds a position that is not the one read at', async () => {
    await db.run(`COPY (SELECT * REPLACE (greatest(0, position - 200) AS position) FROM read_parquet('${w.at('vectors')}')) TO '${w.at('moved')}' (FORMAT parquet)`);
    expect((await audit(w.at('moved'))).mismatches).toBeGreaterThan(10);
  });
  it('agrees with the join when everything known by T, and no more, was applied', async () => {
    const store = createMemoryStore();
    await store.register(lateness);
    const byTime = [...w.predictions].sort((a, b) => a.at - b.at);
    let next = 0;
    const online = new Map<string, Record<string, Value>>();
    for (const prediction of byTime) {
      const from = next;
      while (next < w.records.length && (w.records[next] as EventRecord).knownAt <= prediction.at) next += 1;
      await store.apply(w.records.slice(from, next));
      const [vector] = await store.read(service, [prediction]);
      online.set(prediction.predictionId, Object.fromEntries(names.map((name, i) => [name, vector?.values[i] ?? null])));
    }
    await joinPointInTime({ db, definition: lateness, eventFiles: w.eventFiles, spine: w.spine, out: w.at('join') });
    expect(canonicalJson(Object.fromEntries(online))).toBe(canonicalJson(Object.fromEntries(await joined(w.at('join')))));
  });
  it('of an empty log is empty', async () => {
    expect(await auditLog({ db, definition: lateness, eventFiles: {}, vectorFiles: [] })).toEqual({ rows: 0, mismatches: 0, samples: [] });
  });
});
