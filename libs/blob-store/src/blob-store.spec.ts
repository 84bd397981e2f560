import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashBytes, hashOf, VersionRef } from '@mettle/contracts';
import { startObjectServer, type TestObjectServer } from '@mettle/testing';
import type { BlobStore } from './index.ts';
import { openBlobStore } from './index.ts';

const bytes = Buffer.from('some content');
const missing = 'ab'.repeat(32);

/** What every store must do; a damaged blob is one whose stored file was overwritten. */
describe.each(['directory, process', 'directory, disk', 's3'] as const)('blobs in a %s', (kind) => {
  let server: TestObjectServer | null = null;
  let folder: string;
  let blobs: BlobStore;
  /** A second process with no local copies. */
  let other: () => BlobStore;
  let stored: (hash: string) => string;
  let environment: typeof process.env;

  beforeAll(async () => {
    environment = process.env;
    if (kind !== 's3') return;
    server = await startObjectServer();
    process.env = { ...process.env, ...server.env };
  });
  afterAll(async () => {
    process.env = environment;
    await server?.stop();
  });
  let round = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mettle-blobs-'));
    round += 1;
    if (server === null) {
      other = () => openBlobStore(join(folder, 'blobs'), { durability: kind === 'directory, disk' ? 'disk' : 'process' });
      stored = (hash) => join(folder, 'blobs', hash.slice(0, 2), hash);
    } else {
      const { bucket, folder: held } = server;
      const prefix = `tests/round-${round}`;
      let caches = 0;
      other = () => openBlobStore(`s3://${bucket}/${prefix}`, { cache: join(folder, `cache-${(caches += 1)}`) });
      stored = (hash) => join(held, prefix, hash.slice(0, 2), hash);
    }
    blobs = other();
    return () => rm(folder, { recursive: true, force: true });
  });
  const temporaries = () => readdir(dirname(blobs.temporary()));

  it('come back as they were put, under the hash of the content', async () => {
    const hash = await blobs.put(bytes);
    expect(hash).toBe(hashBytes(bytes));
    expect(await blobs.put(bytes)).toBe(hash);
    expect((await blobs.get(hash)).equals(bytes)).toBe(true);
    expect(await readFile(await blobs.path(hash), 'utf8')).toBe('some content');
    expect(await blobs.has(hash)).toBe(true);
    expect((await other().get(hash)).equals(bytes)).toBe(true);
    expect(await readFile(await other().path(hash), 'utf8')).toBe('some content');
    expect((await blobs.get(await blobs.put(new Uint8Array()))).length).toBe(0);
    expect(await temporaries()).toEqual([]);
  });

  it('take a file over, once and again', async () => {
    for (let times = 0; times < 2; times += 1) {
      const path = blobs.temporary();
      await writeFile(path, bytes);
      expect(await blobs.putFile(path)).toEqual({ hash: hashBytes(bytes), bytes: bytes.length });
      await expect(access(path)).rejects.toThrow('ENOENT');
    }
    const outside = join(folder, 'outside');
    await writeFile(outside, 'other content');
    const { hash } = await blobs.putFile(outside);
    await expect(access(outside)).rejects.toThrow('ENOENT');
    expect(await temporaries()).toEqual([]);
    expect((await other().get(hashBytes(bytes))).equals(bytes)).toBe(true);
    expect((await other().get(hash)).toString()).toBe('other content');
  });

  it('that many put and read at once are one', async () => {
    const hashes = await Promise.all(Array.from({ length: 12 }, () => blobs.put(bytes)));
    expect(new Set(hashes)).toEqual(new Set([hashBytes(bytes)]));
    const reader = other();
    const paths = await Promise.all(Array.from({ length: 12 }, () => reader.path(hashBytes(bytes))));
    expect(new Set(paths).size).toBe(1);
    expect(await readFile(paths[0] as string, 'utf8')).toBe('some content');
  });

  it('that are records are stored canonically and checked when read', async () => {
    const hash = await blobs.putJson({ version: 3, model: 'm' });
    expect(hash).toBe(hashOf({ model: 'm', version: 3 }));
    expect(await blobs.getJson(hash, VersionRef)).toEqual({ model: 'm', version: 3 });
    const partial = await blobs.putJson({ model: 'm' });
    await expect(blobs.getJson(partial, VersionRef)).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { hash: partial } });
    await expect(blobs.getJson(await blobs.put(bytes), VersionRef)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('that were never stored are UNKNOWN_BLOB', async () => {
    await expect(blobs.get(missing)).rejects.toMatchObject({ code: 'UNKNOWN_BLOB' });
    await expect(blobs.path(missing)).rejects.toMatchObject({ code: 'UNKNOWN_BLOB' });
    expect(await blobs.has(missing)).toBe(false);
  });

  it('that differ from their hash are CORRUPT_BLOB; a torn one is healed by storing it again', async () => {
    const hash = await blobs.put(bytes);
    await writeFile(stored(hash), 'some cOntent');
    await expect(other().get(hash)).rejects.toMatchObject({ code: 'CORRUPT_BLOB' });
    await writeFile(stored(hash), 'some');
    await expect(other().get(hash)).rejects.toMatchObject({ code: 'CORRUPT_BLOB' });
    await blobs.put(bytes);
    expect((await other().get(hash)).equals(bytes)).toBe(true);
  });

  it('have no other names than hashes: INVALID_INPUT', async () => {
    for (const name of ['../../etc/passwd', '', 'AB'.repeat(32), `${missing}/x`]) {
      await expect(blobs.get(name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(blobs.path(name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(blobs.has(name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
  });

  it('are not made of a file that is missing', async () => {
    await mkdir(join(folder, 'empty'));
    await expect(blobs.putFile(join(folder, 'empty', 'nothing'))).rejects.toThrow();
    expect(await temporaries()).toEqual([]);
  });
});

it('a store is opened by its address: another scheme, a bucket without a name or without a folder for copies is INVALID_INPUT', () => {
  const refused = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;
  for (const url of ['ftp://host/x', 's3://', 's3://UPPER/x', 's3://bucket/a b']) expect(() => openBlobStore(url, { cache: 'nowhere' })).toThrow(refused);
  expect(() => openBlobStore('s3://bucket/prefix')).toThrow(refused);
});
