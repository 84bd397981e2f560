import { ModelManifest, hashOf } from '@mettle/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ada, manifestOf, openTestRegistry, registered, type TestRegistry } from './testing/fixtures.ts';

let test: TestRegistry;
beforeAll(async () => void (test = await openTestRegistry()));
afterAll(() => test.close());

describe('models', () => {
  it('are created once and listed by name with their latest version', async () => {
    await test.registry.createModel('zeta', { by: ada, description: 'the last' });
    await test.registry.createModel('alpha', { by: ada });
    await registered(test.registry, 'alpha', 'a', false);
    expect((await test.registry.models()).map((m) => [m.name, m.latest])).toEqual([['alpha', 1], ['zeta', 0]]);
    await expect(test.registry.createModel('zeta', { by: ada })).rejects.toMatchObject({ code: 'ALREADY_EXISTS', data: { model: 'zeta' } });
    await expect(test.registry.createModel('9lives', { by: ada })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(test.registry.model('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
  });
});

describe('registering a version', () => {
  it('numbers 1, 2, 3 and starts in development, its manifest in the blob store', async () => {
    const refs = [await registered(test.registry, 'numbered', 'a', false), await registered(test.registry, 'numbered', 'b', false), await registered(test.registry, 'numbered', 'c', false)];
    expect(refs.map((ref) => ref.version)).toEqual([1, 2, 3]);
    const view = await test.registry.version(refs[2]!);
    expect(view).toMatchObject({ stage: 'development', qualified: null, aliases: [], lineage: { complete: true, missing: [] } });
    expect(await test.blobs.getJson(hashOf(view.manifest), ModelManifest)).toEqual(view.manifest);
    expect((await test.registry.versions('numbered')).map((v) => v.manifest.version)).toEqual([1, 2, 3]);
  });

  it('returns the first version to a repeated key', async () => {
    const first = await registered(test.registry, 'repeated', 'same', false);
    await registered(test.registry, 'repeated', 'other', false);
    expect(await registered(test.registry, 'repeated', 'same', false)).toEqual(first);
    expect(await test.registry.versions('repeated')).toHaveLength(2);
  });

  it('asks for a model that exists unless told to make it', async () => {
    await expect(test.registry.registerVersion(manifestOf('unmade'), 'k')).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
    expect(await test.registry.registerVersion(manifestOf('unmade'), 'k', { createModel: true })).toEqual({ model: 'unmade', version: 1 });
  });

  it('refuses a manifest that is wrong, naming the field, and one whose parent is unknown, and keeps nothing of either', async () => {
    const wrong = { ...manifestOf('wrong'), bytes: 1.5 };
    await expect(test.registry.registerVersion(wrong, 'k', { createModel: true })).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { path: 'bytes' } });
    const orphan = manifestOf('wrong', { parent: { model: 'wrong', version: 7 } });
    await expect(test.registry.registerVersion(orphan, 'k', { createModel: true })).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
    await expect(test.registry.versions('wrong')).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
  });
});

describe('qualification', () => {
  const verdict = (key: string, version: { model: string; version: number }, verdict: 'pass' | 'fail' | 'undetermined') =>
    test.registry.recordQualification({ key, version, verdict, parity: null, holdout: {}, note: 'looked' });

  it('moves a version from development to staging, once per key', async () => {
    const ref = await registered(test.registry, 'qualified', 'a', false);
    expect(await verdict('gate', ref, 'pass')).toEqual({ stage: 'staging' });
    expect(await verdict('gate', ref, 'fail')).toEqual({ stage: 'staging' });
    expect(await test.registry.version(ref)).toMatchObject({ stage: 'staging', qualified: 'pass' });
    expect(await test.registry.qualifications(ref)).toMatchObject([{ key: 'gate', verdict: 'pass', note: 'looked', version: ref }]);
  });

  it.each(['fail', 'undetermined'] as const)('leaves a version in development on %s', async (bad) => {
    const ref = await registered(test.registry, `gate-${bad}`, 'a', false);
    expect(await verdict('gate', ref, bad)).toEqual({ stage: 'development' });
    expect(await test.registry.version(ref)).toMatchObject({ stage: 'development', qualified: bad });
  });

  it.each(['snapshot', 'featureService', 'trainer', 'environment', 'code', 'referenceProfile', 'fitted'] as const)('is refused without %s in the lineage', async (field) => {
    const ref = await registered(test.registry, `lacks-${field}`, 'a', false, { [field]: null });
    await expect(verdict('gate', ref, 'pass')).rejects.toMatchObject({ code: 'LINEAGE_INCOMPLETE', data: { missing: [field] } });
    expect(await test.registry.version(ref)).toMatchObject({ stage: 'development', qualified: null, lineage: { complete: false, missing: [field] } });
    expect(await test.registry.qualifications(ref)).toEqual([]);
  });

  it('is refused without offline metrics or a signature', async () => {
    const ref = await registered(test.registry, 'bare', 'a', false, { offline: {}, signature: { inputs: [], outputs: [] } });
    await expect(verdict('gate', ref, 'pass')).rejects.toMatchObject({ code: 'LINEAGE_INCOMPLETE', data: { missing: ['signature', 'offline'] } });
  });

  it('accepts what a principal attested instead', async () => {
    const imported = { origin: 'imported' as const, snapshot: null, trainer: null, attested: { by: ada, note: 'trained elsewhere', fields: ['snapshot', 'trainer'] } };
    const ref = await registered(test.registry, 'attested', 'a', false, imported);
    expect(await verdict('gate', ref, 'pass')).toEqual({ stage: 'staging' });
  });

  it('of an unknown version is refused', async () => {
    await expect(verdict('gate', { model: 'numbered', version: 99 }, 'pass')).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
  });
});

describe('aliases', () => {
  it('point at a version, move, and go', async () => {
    const [one, two] = [await registered(test.registry, 'aliased', 'a', false), await registered(test.registry, 'aliased', 'b', false)];
    await test.registry.setAlias(one, 'candidate');
    await test.registry.setAlias(one, 'baseline');
    await test.registry.setAlias(two, 'candidate');
    expect(await test.registry.aliases('aliased')).toEqual({ candidate: 'aliased@2', baseline: 'aliased@1' });
    expect(await test.registry.aliased('aliased', 'candidate')).toEqual(two);
    expect((await test.registry.version(one)).aliases).toEqual(['baseline']);
    expect((await test.registry.versions('aliased')).map((v) => v.aliases)).toEqual([['baseline'], ['candidate']]);
    await test.registry.deleteAlias('aliased', 'candidate');
    await expect(test.registry.aliased('aliased', 'candidate')).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
  });

  it('refuse the champion, reserved names and unknown versions', async () => {
    const ref = await registered(test.registry, 'reserved', 'a', false);
    await expect(test.registry.setAlias(ref, 'champion')).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    await expect(test.registry.deleteAlias('reserved', 'champion')).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    for (const bad of ['latest', 'v3', '', 'a b']) await expect(test.registry.setAlias(ref, bad)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(test.registry.setAlias({ model: 'reserved', version: 2 }, 'next')).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
  });
});
