import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOf, type ModelManifestInput, type Principal } from '@mettle/contracts';
import { codeOf } from '../testing/codeOf.ts';
import { openTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';
import { tripsDefinition } from '../testing/trips.ts';

const by: Principal = { id: 'ana', kind: 'person', roles: ['scientist'] };
const manifest = (service: string, over: Partial<ModelManifestInput> = {}): ModelManifestInput => ({
  v: 1, model: 'trips', file: hashOf('file'), bytes: 1, opset: 15, task: 'binary', origin: 'trained', featureService: service, snapshot: null, fitted: null, environment: null, code: null,
  signature: { inputs: [{ name: 'temp', datatype: 'FP64', shape: [-1], missing: 'nan' }], outputs: [{ name: 'p', datatype: 'FP32', shape: [-1, 2] }] },
  trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, referenceProfile: null, parent: null, offline: {}, parity: null, attested: null, createdAt: 1, by, ...over,
});

describe('models', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await openTestPlatform();
    const { service } = await test.as('scientist').features.registerService({ definition: tripsDefinition });
    await test.as('scientist').models.create({ model: 'trips', description: 'late trips' });
    const first = await test.platform.registry.registerVersion(manifest(service), 'one');
    await test.platform.registry.registerVersion(manifest(service, { file: hashOf('second'), parent: first }), 'two');
  });
  afterAll(() => test.close());

  it('creates a model once', async () => {
    expect(await codeOf(() => test.as('scientist').models.create({ model: 'trips' }))).toBe('ALREADY_EXISTS');
    expect(await codeOf(() => test.as('viewer').models.create({ model: 'other' }))).toBe('FORBIDDEN');
    expect((await test.as('viewer').models.list({})).map((model) => [model.name, model.latest, model.by.id])).toEqual([['trips', 2, 'scientist']]);
  });

  it('shows versions with what their lineage lacks', async () => {
    const versions = await test.as('viewer').models.versions({ model: 'trips' });
    expect(versions.map((version) => [version.manifest.version, version.stage])).toEqual([[1, 'development'], [2, 'development']]);
    expect(versions[0]?.lineage.missing).toContain('snapshot');
    expect(await codeOf(() => test.as('viewer').models.versions({ model: 'none' }))).toBe('UNKNOWN_MODEL');
    expect(await codeOf(() => test.as('viewer').models.version({ model: 'trips', version: 9 }))).toBe('UNKNOWN_VERSION');
  });

  it('traces a version to its ancestors, features and sources', async () => {
    const lineage = await test.as('viewer').models.lineage({ model: 'trips', version: 2 });
    expect(lineage.ancestors).toEqual([{ model: 'trips', version: 1 }]);
    expect(lineage.service).toMatchObject({ name: 'trips', sources: ['weather'] });
    expect(lineage.complete).toBe(false);
  });

  it('moves aliases, but not the one that follows the endpoint', async () => {
    await test.as('scientist').models.setAlias({ model: 'trips', version: 1, alias: 'candidate' });
    expect(await test.as('viewer').models.aliases({ model: 'trips' })).toEqual({ candidate: 'trips@1' });
    expect(await codeOf(() => test.as('admin').models.setAlias({ model: 'trips', version: 1, alias: 'champion' }))).toBe('INVALID_TRANSITION');
  });
});
