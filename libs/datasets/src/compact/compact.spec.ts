import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, HOUR_US, predictionIdOf, SegmentRef, type PredictionEntry } from '@mettle/contracts';
import { compact, probabilitiesOf, scoreOf } from '../index.ts';
import { beside, definition, label, observation, openWorld, raw, rowsOf, served, serviceHash, START, vector, weatherEvent, type World } from '../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.close());
const run = async (...raws: Awaited<ReturnType<typeof raw>>[]): Promise<Record<string, SegmentRef>> => {
  const segments = await compact({ ...world, raws, definitions: [definition] });
  return Object.fromEntries(segments.map((segment) => [segment.name === '' ? segment.table : `${segment.table}:${segment.name}`, SegmentRef.parse(segment)]));
};
const predictions = async (...entries: PredictionEntry[]): Promise<Record<string, SegmentRef>> => run(await raw(world.blobs, 'predictions', entries, 's1'));

describe('compact', () => {
  it('writes events by source with the declared types, in order of sequence', async () => {
    const retract = weatherEvent(2, { op: 'retract', values: { temp: null, gust: null, sky: null }, publishedAt: null });
    const { 'events:weather': segment, 'events:taxi': other } = await run(
      await raw(world.blobs, 'events', [retract, weatherEvent(1), weatherEvent(3, { source: 'taxi', keys: { zone: 4 }, values: { fare: 2.5, ok: true, note: null } })]),
    );
    expect(segment).toMatchObject({ table: 'events', rows: 2, sequences: { from: 1, to: 2 }, range: { from: START + HOUR_US, to: START + 2 * HOUR_US + 1 } });
    expect(await rowsOf(world, segment)).toEqual([
      { sequence: 1, partition: 0, event_id: 'w1', op: 'assert', revision: 0, event_time: START + HOUR_US, known_at: START + HOUR_US, published_at: START + HOUR_US, k_origin: 'JFK', v_gust: 1, v_sky: 'clear', v_temp: 0.1 },
      { sequence: 2, partition: 0, event_id: 'w2', op: 'retract', revision: 0, event_time: START + 2 * HOUR_US, known_at: START + 2 * HOUR_US, published_at: null, k_origin: 'JFK', v_gust: null, v_sky: null, v_temp: null },
    ]);
    const types = await world.db.all(`SELECT typeof(v_gust) g, typeof(v_sky) s, typeof(sequence) q FROM read_parquet('${await world.blobs.path(segment!.hash)}') LIMIT 1`);
    expect(types).toEqual([{ g: 'BIGINT', s: 'VARCHAR', q: 'BIGINT' }]);
    // A source that no service declares yet is kept by what came.
    expect(await rowsOf(world, other)).toMatchObject([{ k_zone: 4, v_fare: 2.5, v_ok: true }]);
  });

  it('writes labels by either target, and observations', async () => {
    const byKeys = label(2, { target: { endpoint: 'e', keys: { origin: 'JFK', flight: 'F2' }, at: START } });
    const { labels, observations } = await run(await raw(world.blobs, 'labels', [label(1), byKeys]), await raw(world.blobs, 'observations', [observation(2), observation(1)]));
    expect(await rowsOf(world, labels)).toMatchObject([
      { label_id: 'l1', prediction_id: predictionIdOf('e', 'r1', 0), endpoint: null, keys: null, at: null, value: 1, sequence: 1, source: 'landings' },
      { label_id: 'l2', prediction_id: null, endpoint: 'e', keys: canonicalJson({ origin: 'JFK', flight: 'F2' }), at: START, value: 0 },
    ]);
    expect(await rowsOf(world, observations)).toMatchObject([
      { prediction_id: predictionIdOf('e', 'r1', 0), request_id: 'r1', endpoint: 'e', keys: '{"flight":"F1","origin":"LGA"}', request: '{"carrier":"UA","distance":100}' },
      { request_id: 'r2' },
    ]);
    expect(observations).toMatchObject({ sequences: { from: 1, to: 2 } });
  });

  it('writes a prediction per scored version, one of them served, and a vector per service', async () => {
    const tables = await predictions(served(1), beside(1, 2, 0.75), beside(1, 3, 0.5, true), served(2));
    expect(await rowsOf(world, tables['predictions'])).toMatchObject([
      { prediction_id: predictionIdOf('e', 'r1', 0), request_id: 'r1', row: 0, endpoint: 'e', epoch: 3, server: 's1', bucket: 17, sticky: 'N1', assigned_arm: 'champion', served_arm: 'champion', arm: 'champion', version: 'flight@1', served: true, fallback: false, received_at: START + HOUR_US + 5, at: START + HOUR_US, latency_us: 120, p: 0.25, error: null, origin: 'online', keys: '{"flight":"F1","origin":"JFK"}', service: serviceHash },
      { version: 'flight@2', served: false, arm: 'shadow', p: 0.75, latency_us: 90, service: serviceHash, sticky: 'N1' },
      { version: 'flight@3', served: false, p: 0.5, service: serviceHash },
      { request_id: 'r2', version: 'flight@1', served: true },
    ]);
    expect(await rowsOf(world, tables[`vectors:${serviceHash}`])).toEqual([1, 2].map((n) => ({
      prediction_id: predictionIdOf('e', `r${n}`, 0), at: START + n * HOUR_US, endpoint: 'e', keys: `{"flight":"F${n}","origin":"JFK"}`, request: '{"carrier":"AA","distance":500}',
      position: 7, generation: 2, statuses: '000002', f_carrier: 'AA', f_distance: 500, f_temp: 1.5, f_gust: 3, f_cold: false, f_mean_6h: null,
    })));
  });

  it('counts a request that was logged twice once: the first entry answers', async () => {
    const retry = served(1, { server: 's2', receivedAt: START + HOUR_US + 50 }, 0.9);
    retry.rows[0]!.scores[0]!.version = { model: 'flight', version: 2 };
    const raws = [await raw(world.blobs, 'predictions', [retry, beside(1, 1, 0.1)], 's2'), await raw(world.blobs, 'predictions', [served(1), served(1, {}, 0.8)], 's1')];
    const tables = await run(...raws);
    expect((await rowsOf(world, tables['predictions'])).map(({ version, p, served: answered, server }) => [version, p, answered, server])).toEqual([['flight@1', 0.25, true, 's1'], ['flight@2', 0.9, false, 's1']]);
    expect(tables[`vectors:${serviceHash}`]!.rows).toBe(1);
    // Neither the order of the pieces nor a piece that is given twice changes a byte.
    expect(await run(raws[1]!, raws[0]!, raws[1]!)).toEqual(tables);
  });

  it('keeps failed and fallen-back answers, and leaves out what has no served half', async () => {
    const failed = served(4);
    failed.rows[0]!.scores = [
      { version: { model: 'flight', version: 2 }, arm: 'challenger', vector: 0, outputs: null, error: 'no', latencyUs: 1 },
      { version: { model: 'flight', version: 1 }, arm: 'champion', vector: 0, outputs: { variable: [12.5] }, error: null, latencyUs: 2 },
    ];
    failed.rows[0]!.assignedArm = 'challenger';
    failed.rows[0]!.fallback = true;
    const { predictions: segment } = await predictions(failed, beside(99, 2, 0.5));
    expect(await rowsOf(world, segment)).toMatchObject([
      { version: 'flight@1', served: true, fallback: true, p: 12.5, assigned_arm: 'challenger', served_arm: 'champion' },
      { version: 'flight@2', served: false, p: null, error: 'no' },
    ]);
  });

  it('gives the same hashes for the same pieces, and nothing for nothing', async () => {
    const pieces = [await raw(world.blobs, 'events', [weatherEvent(1), weatherEvent(2)]), await raw(world.blobs, 'labels', [label(1)]), await raw(world.blobs, 'predictions', [served(1), served(2), beside(2, 2, 0.1)], 's1')];
    expect(await run(...pieces)).toEqual(await run(...pieces.reverse()));
    expect(await compact({ ...world, raws: [] })).toEqual([]);
  });

  it('finds definitions by their blobs, and says which service it does not know', async () => {
    const unknown = served(1);
    unknown.rows[0]!.vectors = [vector(START, { service: 'a'.repeat(64) })];
    await expect(predictions(unknown)).rejects.toMatchObject({ code: 'UNKNOWN_SERVICE', data: { service: 'a'.repeat(64) } });
    const blob = await world.blobs.putJson(definition);
    const segments = await compact({ ...world, raws: [await raw(world.blobs, 'predictions', [served(1)], 's1')], services: { [serviceHash]: blob } });
    expect(segments.map(({ table }) => table)).toEqual(['predictions', 'vectors']);
  });
});

describe('scoreOf', () => {
  it('is the positive class of two probabilities, else the first value', () => {
    expect(scoreOf({ label: [1], probabilities: [0.2, 0.8] })).toBe(0.8);
    expect(scoreOf({ variable: [3] })).toBe(3);
    expect(scoreOf({ scores: [5, 6, 7] })).toBe(5);
    expect(scoreOf({ label: [1], probabilities: [0.2, 0.5, 0.3] })).toBe(0.5);
    expect(scoreOf({ empty: [] })).toBeNull();
    expect(scoreOf(null)).toBeNull();
  });
});

describe('probabilitiesOf', () => {
  it('keeps those of three or more classes, and nothing of what one number says', () => {
    expect(probabilitiesOf({ label: [1], probabilities: [0.25, 0.5, 0.25] })).toBe('[0.25,0.5,0.25]');
    expect([probabilitiesOf({ probabilities: [0.2, 0.8] }), probabilitiesOf({ variable: [3] }), probabilitiesOf({ scores: [5, 6, 7] }), probabilitiesOf(null)]).toEqual([null, null, null, null]);
  });
});
