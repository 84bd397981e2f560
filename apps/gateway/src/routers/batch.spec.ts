import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startComputeWorker, type RunningComputeWorker } from '@mettle/compute-worker';
import { DAY_US, HOUR_US, hashOf, isBatch, type Snapshot, type Spine } from '@mettle/contracts';
import { openDuckDB, sqlString, type Db } from '@mettle/duckdb';
import { createComputeActivities, createControlActivities } from '@mettle/lifecycle-activities';
import { startControlWorker, type RunningWorker } from '@mettle/lifecycle-worker';
import { openTemporal, workflowBundle } from '@mettle/testing';
import { startGateway, type RunningGateway } from '../startGateway.ts';
import { codeOf } from '../testing/codeOf.ts';
import { openTestPlatform, TOKENS, type TestPlatform } from '../testing/testPlatform.ts';
import { declaration, report, T0, tripsDefinition } from '../testing/trips.ts';

const W = T0 + DAY_US;
const VERSION = { model: 'trips', version: 1 };
/** Good rows; a test changes one column. */
const GOOD = { at: `${T0} + i * ${HOUR_US}`, city: "'Paris'", carrier: "'UA'", leaves: `make_timestamp(${T0} + i)`, id: "'trip-' || i" };

describe('batch scoring of a spine', () => {
  let temporal: TestWorkflowEnvironment;
  let test: TestPlatform;
  let gateway: RunningGateway;
  let connection: NativeConnection;
  let control: RunningWorker;
  let compute: RunningComputeWorker;
  let duckdb: Db;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const [environment, bundle] = await Promise.all([openTemporal(), workflowBundle()]);
    temporal = environment;
    test = await openTestPlatform(temporal.client);
    gateway = await startGateway(test.platform, test.plane, { port: 0 });
    connection = await NativeConnection.connect({ address: temporal.address });
    duckdb = await openDuckDB({ tempDirectory: join(test.home, 'tmp', 'compute') });
    const { db, registry, blobs, workflows } = test.platform;
    control = await startControlWorker({ connection, activities: createControlActivities({ db, registry, blobs, plane: test.plane, client: workflows, channels: [] }), workflowBundle: bundle });
    compute = await startComputeWorker({ connection, activities: createComputeActivities({ blobs, db: duckdb, home: join(test.home, 'compute'), trainers: { names: [], get: () => { throw new Error('no trainer'); } } }) });
    const { service } = await test.as('admin').features.registerService({ definition: tripsDefinition });
    await test.as('scientist').models.create({ model: 'trips' });
    await test.as('admin').endpoints.declare(declaration(service));
    const fitted = JSON.stringify({ v: 1, vocabularies: { carrier: ['AA', 'B6', 'DL', 'UA'] } });
    const model = await readFile(new URL('../../../../libs/inference/fixtures/tree.onnx', import.meta.url));
    expect((await post('/files/models/trips/versions', { task: 'binary', service: 'trips', note: 'ours', fitted }, model)).status).toBe(200);
    await test.as('scientist').features.push({ source: 'weather', events: Array.from({ length: 10 }, (_, n) => report(n * 30, 20 + n)) });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([control?.stop(), compute?.stop()]);
    await connection?.close();
    await gateway?.stop();
    await test?.close();
    duckdb?.close();
    await temporal?.teardown();
  });

  const post = async (path: string, query: Record<string, string>, body: Uint8Array, token: string = TOKENS.scientist) => {
    const reply = await fetch(`${gateway.url}${path}?${new URLSearchParams(query).toString()}`, { method: 'POST', body, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' } });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> & { error?: { code: string; data: Record<string, unknown> } } };
  };
  const parquet = async (columns: Record<string, string | null>, rows = 6): Promise<Buffer> => {
    const path = join(await mkdtemp(join(tmpdir(), 'mettle-spine-')), 'spine.parquet');
    const selected = Object.entries(columns).flatMap(([name, sql]) => (sql === null ? [] : [`${sql} AS "${name}"`]));
    await duckdb.run(`COPY (SELECT ${selected.join(', ')} FROM range(${rows}) t(i)) TO ${sqlString(path)} (FORMAT parquet)`);
    return readFile(path);
  };
  const upload = (bytes: Uint8Array, query: Record<string, string> = {}, token?: string) => post('/files/spines', { endpoint: 'trips', model: 'trips', version: '1', ...query }, bytes, token);
  const uploaded = async (change: Record<string, string | null> = {}): Promise<Spine> => {
    const { status, body } = await upload(await parquet({ ...GOOD, ...change }));
    expect([status, body.error]).toEqual([200, undefined]);
    return body as unknown as Spine;
  };
  const score = (spine: string, endpoint = 'trips') => test.as('scientist').batch.scoreRows({ endpoint, version: VERSION, source: { kind: 'spine', spine } });
  const counts = () => test.as('viewer').datasets.counts({ endpoint: 'trips' });
  const stored = async (): Promise<string[]> => (await readdir(join(test.home, 'blobs'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name)).sort();

  it('needs a first step of the clock', async () => {
    const { spine } = await uploaded();
    expect(await codeOf(() => score(spine))).toBe('INVALID_TRANSITION');
    await test.as('platform').endpoints.advanceWatermark({ endpoint: 'trips', watermark: W });
  });

  it.each<[string, Record<string, string | null>, string, string]>([
    ['without T', { at: null }, 'INVALID_INPUT', 'at'],
    ['with a T that is a text', { at: "'today'" }, 'TYPE_MISMATCH', 'at'],
    ['with a T that is a fraction', { at: '1.5::DOUBLE' }, 'TYPE_MISMATCH', 'at'],
    ['with a T that is missing in a row', { at: `CASE WHEN i < 5 THEN ${T0} END` }, 'INVALID_INPUT', 'at'],
    ['with a T beyond 2^53', { at: '9007199254740993' }, 'OUT_OF_RANGE', 'at'],
    ['without a key', { city: null }, 'UNKNOWN_ENTITY', 'city'],
    ['with a key that is missing in a row', { city: "CASE WHEN i < 5 THEN 'Paris' END" }, 'UNKNOWN_ENTITY', 'city'],
    ['with a key of another type', { city: 'i' }, 'TYPE_MISMATCH', 'city'],
    ['with a key that is too long', { city: "repeat('x', 300)" }, 'OUT_OF_RANGE', 'city'],
    ['without a request column', { carrier: null }, 'INVALID_INPUT', 'carrier'],
    ['with a request column of another type', { leaves: 'i / 7.0::DOUBLE' }, 'TYPE_MISMATCH', 'leaves'],
    ['with a column that nobody takes', { altitude: 'i' }, 'UNKNOWN_COLUMN', 'altitude'],
    ['with an id that is there twice', { id: "'same'" }, 'INVALID_INPUT', 'id'],
    ['with an id that is missing in a row', { id: "CASE WHEN i > 0 THEN 'x' || i END" }, 'INVALID_INPUT', 'id'],
    ['with an id that no request could have', { id: "'é' || i" }, 'INVALID_INPUT', 'id'],
    ['with both ids', { prediction_id: "sha256('a' || i)" }, 'INVALID_INPUT', 'id'],
    ['with a prediction_id that is no hash', { id: null, prediction_id: "'p' || i" }, 'INVALID_INPUT', 'prediction_id'],
  ])('refuses a spine %s, names the column, and keeps nothing', async (_, change, code, column) => {
    const bytes = await parquet({ ...GOOD, ...change });
    const before = await stored();
    const { error } = (await upload(bytes)).body;
    expect([error?.code, error?.data['column']]).toEqual([code, column]);
    expect(await stored()).toEqual(before);
    expect(await (await test.platform.engine.open()).all('SELECT table_name FROM duckdb_tables()')).toEqual([]);
  });

  it('refuses what is no spine, or of nobody, and keeps nothing', async () => {
    const [good, none, many] = [await parquet(GOOD), await parquet(GOOD, 0), await parquet({ at: String(T0), city: "'Paris'", carrier: 'NULL::VARCHAR', leaves: '0' }, 2_000_001)];
    const before = await stored();
    const code = async (bytes: Uint8Array, query: Record<string, string> = {}, token?: string) => (await upload(bytes, query, token)).body.error?.code;
    expect(await code(Buffer.from('PAR1 but not really PAR1'))).toBe('INVALID_INPUT');
    expect(await code(Buffer.alloc(0))).toBe('INVALID_INPUT');
    expect(await code(good.subarray(0, good.length >> 1))).toBe('INVALID_INPUT');
    expect(await code(Buffer.concat([good.subarray(0, 20), Buffer.alloc(40, 255), good.subarray(60)]))).toBe('INVALID_INPUT');
    expect(await code(none)).toBe('INVALID_INPUT');
    expect(await code(many)).toBe('TOO_LARGE');
    expect(await code(good, { endpoint: 'nope' })).toBe('UNKNOWN_ENDPOINT');
    expect(await code(good, { version: '9' })).toBe('UNKNOWN_VERSION');
    expect(await code(good, { version: '../1' })).toBe('INVALID_INPUT');
    expect(await code(good, {}, TOKENS.viewer)).toBe('FORBIDDEN');
    expect(await stored()).toEqual(before);
  });

  it('refuses a T that is not sealed yet, a spine of another endpoint, and what is no spine', async () => {
    const late = await uploaded({ at: `${W} + i` });
    expect(await codeOf(() => score(late.spine))).toBe('INVALID_INPUT');
    const other = await test.platform.blobs.putJson({ v: 1, endpoint: 'other', service: late.service, file: late.file, rows: late.rows, range: { from: 0, to: 1 } });
    expect(await codeOf(() => score(other))).toBe('INVALID_INPUT');
    expect(await codeOf(() => score(late.file))).toBe('INVALID_INPUT');
    expect(await codeOf(() => score(hashOf('nothing')))).toBe('UNKNOWN_BLOB');
    expect(await codeOf(() => test.as('scientist').batch.scoreRows({ endpoint: 'trips', version: VERSION, source: { kind: 'snapshot', snapshot: hashOf('nothing') } }))).toBe('UNKNOWN_SNAPSHOT');
    expect(await codeOf(() => test.as('viewer').batch.scoreRows({ endpoint: 'trips', version: VERSION, source: { kind: 'spine', spine: late.spine } }))).toBe('FORBIDDEN');
  });

  it('scores once, however often it is asked, and serves nothing', async () => {
    const { spine } = await uploaded();
    const before = await counts();
    const decided = await test.platform.registry.segmentsUpTo('trips', W);
    const first = await score(spine);
    expect(first).toMatchObject({ rows: 6, failed: 0, vectors: 6, endpoint: 'trips', version: VERSION });
    expect(await score(spine)).toEqual(first);
    // What the watermark knew when it was decided on, it knows for ever.
    expect(await test.platform.registry.segmentsUpTo('trips', W)).toEqual(decided);

    await test.as('platform').endpoints.advanceWatermark({ endpoint: 'trips', watermark: W + HOUR_US });
    const batch = (await test.platform.registry.segmentsUpTo('trips', W + HOUR_US)).filter(isBatch);
    expect(batch).toEqual(first.segments);
    expect(await test.platform.registry.segmentsUpTo('trips', W)).toEqual(decided);
    const again = await score(spine);
    expect(again).toEqual(first);
    await test.as('platform').endpoints.advanceWatermark({ endpoint: 'trips', watermark: W + 2 * HOUR_US });
    expect((await test.platform.registry.segmentsUpTo('trips', W + 2 * HOUR_US)).filter(isBatch)).toHaveLength(2);

    const after = await counts();
    expect([after.predictions, after.observations]).toEqual([before.predictions, before.observations]);
    expect(after.sealed).toEqual({ ...before.sealed, 'batch predictions': 6, 'batch vectors': 6 });
    expect(await test.as('scientist').batch.servedLoss({ endpoint: 'trips', range: { from: T0, to: W } })).toMatchObject({ served: 0, labelled: 0 });
    expect(await test.as('scientist').batch.audit({ endpoint: 'trips', range: { from: T0, to: W } })).toMatchObject({ verdict: 'pass', rows: 6, mismatches: 0 });
  });

  it('gives labels of its predictions a target, and the scores as a file', async () => {
    const { spine } = await uploaded();
    const { scores } = await score(spine);
    const reply = await fetch(`${gateway.url}/files/scores/${scores}`, { headers: { authorization: `Bearer ${TOKENS.viewer}` } });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/vnd.apache.parquet']);
    const bytes = Buffer.from(await reply.arrayBuffer());
    expect(bytes.equals(await test.platform.blobs.get(scores))).toBe(true);
    const rows = await duckdb.all<{ prediction_id: string; at: number; k_city: string; p: number; error: null; version: string }>(`SELECT * FROM read_parquet(${sqlString(await test.platform.blobs.path(scores))})`);
    expect(rows.map(({ at }) => at)).toEqual(Array.from({ length: 6 }, (_, i) => T0 + i * HOUR_US));
    expect(new Set(rows.map(({ k_city: city, error, version }) => `${city} ${error} ${version}`))).toEqual(new Set(['Paris null trips@1']));
    expect(rows.every(({ p }) => p > 0 && p < 1)).toBe(true);

    const label = (n: number, target: object) => ({ labelId: `l${n}`, target, value: 1, revision: 0, eventTime: W, publishedAt: W, source: 'desk' });
    await test.as('scientist').datasets.pushLabels({ endpoint: 'trips', labels: [label(1, { predictionId: rows[0]!.prediction_id }), label(2, { endpoint: 'trips', keys: { city: 'Paris' }, at: rows[1]!.at }), label(3, { predictionId: hashOf('nobody') })] as never });
    await test.as('platform').endpoints.advanceWatermark({ endpoint: 'trips', watermark: W + 3 * HOUR_US });
    expect(await counts()).toMatchObject({ labels: 3, parkedLabels: 1, predictions: 0 });
  });

  it('gives out no other blob as scores', async () => {
    const status = async (hash: string) => (await fetch(`${gateway.url}/files/scores/${hash}`, { headers: { authorization: `Bearer ${TOKENS.viewer}` } })).status;
    expect(await status((await uploaded()).file)).toBe(404);
    expect(await status(hashOf('nothing'))).toBe(404);
    expect(await status('..%2f..%2ftoken')).toBe(400);
  });

  it('scores a data version that was made elsewhere, of rows that the endpoint does not know', async () => {
    const bytes = await parquet({ prediction_id: "sha256('far' || i)", at: `${T0} + i`, f_carrier: "'UA'", f_hour: 'i % 24', f_temp: 'i::DOUBLE', f_mean_temp: '1.5::DOUBLE', f_reports: 'i', f_cold: 'i > 5', label: 'NULL::DOUBLE' }, 10);
    const snapshot = (await post('/files/snapshots', { service: 'trips', asOf: String(T0 + 100) }, bytes)).body as unknown as Snapshot;
    const result = await test.as('scientist').batch.scoreRows({ endpoint: 'trips', version: VERSION, source: { kind: 'snapshot', snapshot: snapshot.manifest } });
    expect(result).toMatchObject({ rows: 10, failed: 0, vectors: 0 });
    expect(result.segments.map(({ table, rows }) => [table, rows])).toEqual([['predictions', 10]]);
  });
});
