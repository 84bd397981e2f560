import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOf, type Snapshot } from '@mettle/contracts';
import { startGateway, type RunningGateway } from '../startGateway.ts';
import { openTestPlatform, TOKENS, type TestPlatform } from '../testing/testPlatform.ts';
import { T0, tripsDefinition } from '../testing/trips.ts';

const fixture = (name: string) => readFile(new URL(`../../../../libs/inference/fixtures/${name}`, import.meta.url));
const fitted = { v: 1, vocabularies: { carrier: ['AA', 'B6', 'DL', 'UA'] } };

describe('files', () => {
  let test: TestPlatform;
  let gateway: RunningGateway;
  beforeAll(async () => {
    test = await openTestPlatform();
    gateway = await startGateway(test.platform, test.plane, { port: 0 });
    await test.as('scientist').features.registerService({ definition: tripsDefinition });
    await test.as('scientist').models.create({ model: 'trips' });
  });
  afterAll(async () => {
    await gateway.stop();
    await test.close();
  });
  const post = async (path: string, query: Record<string, string>, body: Uint8Array, token: string = TOKENS.scientist) => {
    const reply = await fetch(`${gateway.url}${path}?${new URLSearchParams(query).toString()}`, { method: 'POST', body, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' } });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> & { error?: { code: string } } };
  };
  const importModel = (bytes: Uint8Array, query: Record<string, string> = {}) =>
    post('/files/models/trips/versions', { task: 'binary', service: 'trips', note: 'from the old stack', fitted: JSON.stringify(fitted), ...query }, bytes);

  it('registers an ONNX file with attested lineage, once', async () => {
    const bytes = await fixture('tree.onnx');
    const first = await importModel(bytes);
    expect([first.status, first.body.error]).toEqual([200, undefined]);
    const { manifest, lineage, stage } = first.body as unknown as { manifest: Record<string, unknown> & { signature: { inputs: { name: string; datatype: string }[] } }; lineage: unknown; stage: string };
    expect(manifest).toMatchObject({ version: 1, origin: 'imported', bytes: bytes.length, attested: { by: { id: 'scientist' }, note: 'from the old stack' } });
    expect(manifest.signature.inputs.map((input) => `${input.name} ${input.datatype}`)).toEqual(['carrier BYTES', 'hour INT64', 'temp FP64', 'mean_temp FP64', 'reports INT64', 'cold BOOL']);
    expect([lineage, stage]).toEqual([{ complete: true, missing: [] }, 'development']);
    expect((await importModel(bytes)).body).toEqual(first.body);
    expect(Buffer.compare(await test.platform.blobs.get(manifest['file'] as string), bytes)).toBe(0);
  });

  it('refuses what is not such a model, and stores nothing of it', async () => {
    const refused = async (bytes: Uint8Array, query: Record<string, string> = {}) => {
      const reply = await importModel(bytes, query);
      expect(await test.platform.blobs.has(await hashBytes(bytes))).toBe(false);
      return reply.body.error?.code;
    };
    expect(await refused(Buffer.from('not a model at all'))).toBe('NOT_ONNX');
    expect(await refused(Buffer.alloc(0))).toBe('NOT_ONNX');
    expect(await refused(await fixture('external.onnx'))).toBe('EXTERNAL_DATA');
    expect(await refused(await fixture('custom-domain.onnx'))).toBe('NOT_ONNX');
    expect(await refused(await fixture('two-inputs.onnx'))).toBe('SIGNATURE_MISMATCH');
    expect(await refused(await fixture('tree-wide.onnx'))).toBe('SIGNATURE_MISMATCH');
    expect(await refused(await fixture('tree-b.onnx'), { fitted: JSON.stringify({ v: 1, vocabularies: {} }) })).toBe('SIGNATURE_MISMATCH');
    expect(await refused(await fixture('tree-b.onnx'), { fitted: '{' })).toBe('INVALID_INPUT');
    expect(await refused(await fixture('tree-b.onnx'), { service: 'nope' })).toBe('UNKNOWN_SERVICE');
    expect(await refused(await fixture('tree-b.onnx'), { task: 'guess' })).toBe('INVALID_INPUT');
    expect((await post('/files/models/none/versions', { task: 'binary', note: 'x' }, await fixture('tree-b.onnx'))).body.error?.code).toBe('UNKNOWN_MODEL');
    expect((await post('/files/models/trips/versions', { task: 'binary', note: 'x' }, await fixture('tree-b.onnx'), TOKENS.viewer)).status).toBe(403);
    expect((await test.as('viewer').models.versions({ model: 'trips' })).length).toBe(1);
  });

  it('takes a data version in and gives it out again', async () => {
    const db = await test.platform.engine.open();
    const path = test.platform.blobs.temporary();
    await db.run(`COPY (SELECT 'p' || i AS prediction_id, ${T0} + i AS "at", 'UA' AS f_carrier, i % 24 AS f_hour, i / 10.0::DOUBLE AS f_temp, 1.5::DOUBLE AS f_mean_temp, i AS f_reports, i > 5 AS f_cold, CASE WHEN i < 8 THEN (i % 2)::DOUBLE END AS label FROM range(10) t(i)) TO '${path}' (FORMAT parquet)`);
    const bytes = await readFile(path);
    const reply = await post('/files/snapshots', { service: 'trips', asOf: String(T0 + 100) }, bytes);
    expect([reply.status, reply.body.error]).toEqual([200, undefined]);
    const snapshot = reply.body as unknown as Snapshot;
    expect(snapshot).toMatchObject({ rows: 10, labelled: 8, asOf: T0 + 100, range: { from: T0, to: T0 + 10 } });
    expect((await test.as('viewer').datasets.snapshots({})).map((one) => one.manifest)).toEqual([snapshot.manifest]);
    expect((await test.as('viewer').datasets.snapshot({ snapshot: snapshot.manifest })).manifest.origin).toBe('imported');

    const download = await fetch(`${gateway.url}/files/snapshots/${snapshot.manifest}`, { headers: { authorization: `Bearer ${TOKENS.viewer}` } });
    expect(download.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const again = await post('/files/snapshots', { service: 'trips', asOf: String(T0 + 100) }, Buffer.from(await download.arrayBuffer()));
    expect((again.body as unknown as Snapshot).manifest).toBe(snapshot.manifest);
  });

  it('refuses a data version that is none', async () => {
    const code = async (query: Record<string, string>, body: Uint8Array) => (await post('/files/snapshots', query, body)).body.error?.code;
    expect(await code({ service: 'trips', asOf: '5' }, Buffer.from('PAR1 but not really PAR1'))).toBe('INVALID_INPUT');
    expect(await code({ service: 'trips', asOf: 'soon' }, Buffer.alloc(3))).toBe('INVALID_INPUT');
    expect(await code({ service: 'trips', asOf: '5', endpoint: 'nope' }, Buffer.alloc(3))).toBe('UNKNOWN_ENDPOINT');
    const missing = await fetch(`${gateway.url}/files/snapshots/${hashOf('x')}`, { headers: { authorization: `Bearer ${TOKENS.viewer}` } });
    expect([missing.status, ((await missing.json()) as { error: { code: string } }).error.code]).toEqual([404, 'UNKNOWN_SNAPSHOT']);
  });
});

const hashBytes = async (bytes: Uint8Array): Promise<string> => Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
