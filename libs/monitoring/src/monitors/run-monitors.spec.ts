import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRIFT_METRICS, EndpointPlan, Profile, batchName, days, hours } from '@mettle/contracts';
import type { ColumnProfile, LabelSpace, MonitorInput, MonitorResult, SegmentRef } from '@mettle/contracts';
import { LOSSES } from '@mettle/evaluation';
import { ENDPOINT, START, flightsOf, openWorld, policyOf } from '../testing/world.ts';
import type { Row, World } from '../testing/world.ts';
import { isDue } from './due.ts';
import { profileTable } from '@mettle/datasets';
import { runMonitors } from './run-monitors.ts';

const column = (name: string, edges: number[] | null, categories: Record<string, number> | null): ColumnProfile => ({ name, role: 'input', segment: null, rows: 0, nulls: 0, nans: 0, underflow: 0, overflow: 0, edges, bins: [], categories, unseen: 0, min: null, max: null, sums: [] });
const shapes = [column('wind', Array.from({ length: 17 }, (_, k) => k * 1.25), null), column('carrier', null, { UA: 0, B6: 0, EV: 0, DL: 0 })];

const planOf = (monitors: Partial<MonitorInput>[], space: LabelSpace = { task: 'binary' }, metric = 'log_loss'): EndpointPlan =>
  EndpointPlan.parse({
    v: 1, endpoint: ENDPOINT, clock: 'event', cadence: days(1), policy: policyOf({ success: { metric, direction: metric === 'accuracy' ? 'higher' : 'lower' } }), policyHash: '0'.repeat(64),
    model: { v: 1, model: 'm', ...space, service: 'ab'.repeat(32), trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, holdout: days(7), owner: 'ml' },
    monitors: monitors.map((over) => ({ v: 1, name: 'x', endpoint: ENDPOINT, kind: 'inputDrift', metric: 'psi', window: days(7), every: days(1), floor: 0.1, ...over })),
  });

let calm: World;
let stormy: World;
let rows: Row[];
let profile: string;
beforeAll(async () => {
  calm = await openWorld();
  stormy = await openWorld();
  const reference = await openWorld();
  for (let day = 0; day < 20; day += 1) await reference.seal(flightsOf(5, day, 300));
  const catalogue = reference.catalogue(START + days(30));
  const files = await Promise.all(catalogue.segments.filter(({ table }) => table === 'vectors').map(({ hash }) => reference.blobs.path(hash)));
  const columns = await profileTable(reference.db, `read_parquet([${files.map((path) => `'${path}'`).join(', ')}])`, shapes.map((one) => ({ reference: one, column: `f_${one.name}` })));
  const record: Profile = { v: 1, subject: { snapshot: '1'.repeat(64) }, columns };
  profile = await calm.blobs.putJson(record);
  await stormy.blobs.putJson(record);
  await reference.close();
  rows = [];
  for (let day = 0; day < 20; day += 1) {
    const flights = flightsOf(6, day, 300);
    rows.push(...flights);
    await calm.seal(flights);
    await stormy.seal(flightsOf(6, day, 300, day < 10 ? {} : { wind: 6, skew: 1.5, late: 1.5 }));
  }
});
afterAll(async () => { await calm.close(); await stormy.close(); });

/** Monitors of drift and losses ask for none. */
const noDefinitions = { definitionOf: () => Promise.reject(new Error('not asked')), cacheDir: '' };

const watermark = START + days(18);
const run = async (world: World, monitors: Partial<MonitorInput>[], over: { referenceLoss?: number | null; referenceProfile?: string | null; watermark?: number } = {}): Promise<MonitorResult[]> =>
  (await runMonitors({ db: world.db, blobs: world.blobs, catalogue: world.catalogue(watermark), plan: planOf(monitors), watermark, champion: { model: 'm', version: 1 }, referenceProfile: profile, referenceLoss: 0.5, championSince: START, ...noDefinitions, ...over })).results;

describe('profileTable', () => {
  it('counts every row once: bins, tails, missing, unseen', async () => {
    const { results, profiles } = await runMonitors({ db: calm.db, blobs: calm.blobs, catalogue: calm.catalogue(watermark), plan: planOf([{}]), watermark, champion: { model: 'm', version: 1 }, referenceProfile: profile, referenceLoss: null, championSince: START, ...noDefinitions });
    const stored = await calm.blobs.getJson(profiles[0] ?? '', Profile);
    const within = rows.filter(({ at }) => at >= watermark - days(7) && at < watermark);
    const [wind, carrier] = stored.columns;
    const present = within.flatMap(({ wind: value }) => (value === null ? [] : [value]));
    expect(wind).toMatchObject({ rows: within.length, nulls: within.length - present.length, underflow: present.filter((value) => value <= 0).length, overflow: present.filter((value) => value > 20).length });
    expect(wind?.bins).toEqual(shapes[0]!.edges!.slice(1).map((edge) => present.filter((value) => value > edge - 1.25 && value <= edge).length));
    expect(carrier?.unseen).toBe(within.filter((row) => row.carrier === 'WN').length);
    expect(carrier?.categories).toEqual(Object.fromEntries(['UA', 'B6', 'EV', 'DL'].map((name) => [name, within.filter((row) => row.carrier === name).length])));
    expect(results.map(({ column: name }) => name)).toEqual(['wind', 'carrier']);
  });
});

describe('input drift', () => {
  const monitors = [{ name: 'psi' }, { name: 'ks', metric: 'ks', floor: 0.05 }] as const;
  it('is quiet on the same weather and sees a storm, by column', async () => {
    const quiet = await run(calm, [...monitors]);
    expect(quiet.map(({ monitor, column: name, state }) => [monitor, name, state])).toEqual([['psi', 'wind', 'ok'], ['psi', 'carrier', 'ok'], ['ks', 'wind', 'ok']]);
    const storm = await run(stormy, [...monitors]);
    expect(storm.map(({ state }) => state)).toEqual(['breach', 'breach', 'breach']);
    expect(storm[0]?.value ?? 0).toBeGreaterThan(1);
  });
  it.each(DRIFT_METRICS)('by %s: quiet on the same weather, a breach in a storm, and the same p-value again', async (metric) => {
    const monitor = { metric, floor: 0.02 };
    const [quiet, storm] = await Promise.all([run(calm, [monitor]), run(stormy, [monitor])]);
    expect(quiet.map(({ state }) => state)).toEqual(quiet.map(() => 'ok'));
    expect(storm.map(({ state }) => state)).toEqual(storm.map(() => 'breach'));
    expect(storm.map(({ column: name }) => name)).toEqual(metric === 'ks' ? ['wind'] : ['wind', 'carrier']);
    expect(await run(stormy, [monitor])).toEqual(storm);
  });
  it('simulates enough that one column of many can be significant at the alpha of all of them', async () => {
    const [result] = await run(stormy, [{ metric: 'total-variation', floor: 0.02 }]);
    expect(result?.pValue ?? 1).toBeLessThanOrEqual(0.001);
    expect(result?.pValue ?? 0).toBeGreaterThan(0);
  });
  it('wants an effect, not only significance', async () => {
    const results = await run(stormy, [{ floor: 50 }]);
    expect(results.every(({ state, pValue }) => state === 'ok' && (pValue ?? 1) < 1e-6)).toBe(true);
  });
  it('is undetermined without a reference, without rows, and with too few', async () => {
    expect(await run(calm, [{}], { referenceProfile: null })).toMatchObject([{ state: 'undetermined', reason: 'the champion has no reference profile' }]);
    expect(await run(calm, [{}], { watermark: START + days(90) })).toMatchObject([{ state: 'undetermined', reason: 'no prediction in the window' }]);
    expect((await run(calm, [{ window: hours(2) }])).map(({ state }) => state)).toEqual(['undetermined', 'undetermined']);
  });
});

describe('output drift', () => {
  it('compares scores with those of the time when the champion began', async () => {
    expect(await run(calm, [{ kind: 'outputDrift' }])).toMatchObject([{ state: 'ok', column: null }]);
    expect(await run(stormy, [{ kind: 'outputDrift' }], {})).toMatchObject([{ state: 'ok' }]);
    expect(await run(calm, [{ kind: 'outputDrift' }], { watermark: START + days(3) })).toMatchObject([{ state: 'undetermined' }]);
  });
});

describe('performance', () => {
  const monitor = { name: 'loss', kind: 'performance', metric: 'log_loss', floor: 0.03, alpha: 0.01 } as const;
  it('is the mean loss of the mature rows beyond the reference', async () => {
    const [result] = await run(calm, [monitor]);
    const mature = rows.filter(({ at, label }) => at >= watermark - days(8) && at < watermark - days(1) && label !== null);
    const mean = mature.reduce((sum, row) => sum + LOSSES.log_loss.of(row.label!, row.champion!), 0) / mature.length;
    expect(result?.value).toBeCloseTo(mean - 0.5, 9);
    expect(result?.rows.current).toBe(mature.length);
  });
  it('breaches when the world changed, not when it stayed', async () => {
    const reference = (await run(calm, [monitor], { referenceLoss: 0 }))[0]?.value ?? 0;
    expect((await run(calm, [monitor], { referenceLoss: reference }))[0]?.state).toBe('ok');
    expect((await run(stormy, [monitor], { referenceLoss: reference }))[0]).toMatchObject({ state: 'breach' });
    expect((await run(stormy, [{ ...monitor, floor: 5 }], { referenceLoss: reference }))[0]?.state).toBe('ok');
  });
  it('is undetermined without a reference or without labels', async () => {
    expect((await run(calm, [monitor], { referenceLoss: null }))[0]?.state).toBe('undetermined');
    expect((await run(calm, [monitor], { watermark: START + days(90) }))[0]).toMatchObject({ state: 'undetermined', reason: 'no mature label in the window' });
  });
});

describe('coverage', () => {
  it('is the labelled share of mature rows', async () => {
    const [result] = await run(calm, [{ kind: 'coverage', metric: 'share', floor: 0.9, window: days(3) }]);
    expect(result?.state).toBe('ok');
    expect(result?.value).toBeCloseTo(0.97, 1);
    expect((await run(calm, [{ kind: 'coverage', metric: 'share', floor: 0.99, window: days(3) }]))[0]?.state).toBe('breach');
    expect((await run(calm, [{ kind: 'coverage', metric: 'share', floor: 0.99 }], { watermark: START + days(90) }))[0]?.state).toBe('undetermined');
  });
});

describe('an endpoint of values', () => {
  const judge = async (world: World, monitors: Partial<MonitorInput>[], over: { referenceLoss?: number } = {}) =>
    (await runMonitors({ db: world.db, blobs: world.blobs, catalogue: world.catalogue(watermark), plan: planOf(monitors, { task: 'regression' }, 'mae'), watermark, champion: { model: 'm', version: 1 }, referenceProfile: null, referenceLoss: 0, championSince: START + days(7), ...noDefinitions, ...over })).results;
  /** Minutes from probabilities; from day 10 on they are `later` more. */
  const minutes = (day: number, later: number): Row[] => flightsOf(6, day, 300).map((row) => ({ ...row, champion: 90 * row.champion! + (day < 10 ? 0 : later), candidate: null, label: row.label === null ? null : 60 * row.label }));
  let values: World;
  let moved: World;
  beforeAll(async () => {
    [values, moved] = await Promise.all([openWorld(), openWorld()]);
    for (let day = 0; day < 20; day += 1) await Promise.all([values.seal(minutes(day, 0)), moved.seal(minutes(day, 30))]);
  });
  afterAll(async () => { await values.close(); await moved.close(); });

  it('is judged by its own errors', async () => {
    const [loss, share] = await judge(values, [{ kind: 'performance', metric: 'mae', floor: 1 }, { kind: 'coverage', metric: 'share', floor: 0.9 }]);
    const mature = Array.from({ length: 20 }, (_, day) => minutes(day, 0)).flat().filter(({ at, label }) => at >= watermark - days(8) && at < watermark - days(1) && label !== null);
    expect(loss?.value).toBeCloseTo(mature.reduce((sum, row) => sum + Math.abs(row.champion! - row.label!), 0) / mature.length, 9);
    expect(loss?.state).toBe('breach');
    expect(share?.state).toBe('ok');
    const [known] = await judge(values, [{ kind: 'performance', metric: 'mae', floor: 1 }], { referenceLoss: loss!.value! });
    expect(known?.state).toBe('ok');
  });

  it('drifts when its values move, in bins of the first window', async () => {
    const monitors = [{ kind: 'outputDrift', floor: 0.1 }, { name: 'ks', kind: 'outputDrift', metric: 'ks', floor: 0.1 }] as const;
    expect((await judge(values, [...monitors])).map(({ state }) => state)).toEqual(['ok', 'ok']);
    expect((await judge(moved, [...monitors])).map(({ state }) => state)).toEqual(['breach', 'breach']);
  });
});

describe('a metric of which more is better', () => {
  it('is compared with qualification as what is missing to one', async () => {
    const judge = async (referenceLoss: number): Promise<MonitorResult> =>
      (await runMonitors({ db: calm.db, blobs: calm.blobs, catalogue: calm.catalogue(watermark), plan: planOf([{ kind: 'performance', metric: 'accuracy', floor: 0.03 }], { task: 'binary' }, 'accuracy'), watermark, champion: { model: 'm', version: 1 }, referenceProfile: null, referenceLoss, championSince: START, ...noDefinitions })).results[0]!;
    const mature = rows.filter(({ at, label }) => at >= watermark - days(8) && at < watermark - days(1) && label !== null);
    const accuracy = mature.filter((row) => (row.champion! >= 0.5) === (row.label === 1)).length / mature.length;
    expect((await judge(0.9)).value).toBeCloseTo(0.9 - accuracy, 9);
    expect([(await judge(0.9)).state, (await judge(accuracy)).state]).toEqual(['breach', 'ok']);
  });
});

describe('a label whose outcome precedes T, and one that is none of the task', () => {
  it('are no labels to performance and coverage', async () => {
    const monitors = [{ name: 'loss', kind: 'performance', metric: 'log_loss', floor: 0.03 }, { name: 'share', kind: 'coverage', metric: 'share', floor: 0.5 }] as const;
    const [early, without] = await Promise.all([true, false].map(async (labelled) => {
      const world = await openWorld();
      for (let day = 8; day < 18; day += 1) {
        const flights = flightsOf(6, day, 100).map((row, k) => (k % 4 !== 0 ? row : { ...row, label: labelled ? row.label : null, outcomeAt: row.at - 1 }));
        const corrections = new Map(flights.filter((_, k) => labelled && k % 4 === 1).map(({ id, knownAt }) => [id, { value: 3, knownAt: knownAt + 1 }]));
        await world.seal(flights, { corrections });
      }
      const results = await run(world, [...monitors]);
      await world.close();
      return results;
    }));
    expect(early).toEqual(without);
    expect(early![1]!.value).toBeCloseTo(0.73, 1);
  });
});

describe('due', () => {
  it('is when the watermark passes a multiple', async () => {
    expect(isDue({ every: 7 }, 6, 7)).toBe(true);
    expect(isDue({ every: 7 }, 7, 13)).toBe(false);
    expect(isDue({ every: 7 }, 1, 30)).toBe(true);
    expect(await run(calm, [{ every: days(7) }], { watermark: START + days(18) - ((START + days(18)) % days(7)) + days(1) })).toEqual([]);
  });
});

describe('what was scored in batch', () => {
  it('moves no monitor', async () => {
    const monitors: Partial<MonitorInput>[] = [{}, { kind: 'outputDrift', metric: 'psi' }, { kind: 'performance', metric: 'log_loss' }, { kind: 'coverage', metric: 'coverage' }];
    const sealed = calm.catalogue(watermark);
    const storm = stormy.catalogue(watermark).segments.filter(({ table, range }) => table !== 'labels' && range.from >= START + days(10));
    // The storm's files, in the calm store.
    for (const { hash } of storm) await calm.blobs.put(await stormy.blobs.get(hash));
    const monitored = (segments: SegmentRef[]) =>
      runMonitors({ db: calm.db, blobs: calm.blobs, catalogue: { ...sealed, segments }, plan: planOf(monitors), watermark, champion: { model: 'm', version: 1 }, referenceProfile: profile, referenceLoss: 0.5, championSince: START, ...noDefinitions });
    const online = await monitored(sealed.segments);
    expect(await monitored([...sealed.segments, ...storm.map((one) => ({ ...one, name: batchName(one.table === 'vectors' ? one.name : null) }))])).toEqual(online);
    expect(await monitored([...sealed.segments, ...storm])).not.toEqual(online);
  });
});
