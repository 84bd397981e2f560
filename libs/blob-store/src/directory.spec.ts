import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashBytes, hashOf, VersionRef } from '@mettle/contracts';
import { openBlobStore, type BlobStore } from './index.ts';

let root: string;
let blobs: BlobStore;
beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'mettle-blobs-')), 'blobs');
  blobs = openBlobStore(root);
});
const bytes = Buffer.from('some content');

describe.each(['process', 'disk'] as const)('a directory of blobs (%s)', (durability) => {
  beforeEach(() => {
    blobs = openBlobStore(root, { durability });
  });

  it('gives back what was put, under the hash of the content', async () => {
    const hash = await blobs.put(bytes);
    expect(hash).toBe(hashBytes(bytes));
    expect(await blobs.put(bytes)).toBe(hash);
    expect((await blobs.get(hash)).equals(bytes)).toBe(true);
    expect(await readFile(await blobs.path(hash), 'utf8')).toBe('some content');
    expect(await blobs.has(hash)).toBe(true);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  it('takes a file over', async () => {
    const path = join(root, 'tmp', 'mine');
    await writeFile(path, bytes);
    expect(await blobs.putFile(path)).toEqual({ hash: hashBytes(bytes), bytes: bytes.length });
    await writeFile(path, bytes);
    expect(await blobs.putFile(path)).toEqual({ hash: hashBytes(bytes), bytes: bytes.length });
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
    expect((await blobs.get(hashBytes(bytes))).equals(bytes)).toBe(true);
  });
});

describe('records', () => {
  it('are stored canonically and checked when read', async () => {
    const hash = await blobs.putJson({ version: 3, model: 'm' });
    expect(hash).toBe(hashOf({ model: 'm', version: 3 }));
    expect(await blobs.getJson(hash, VersionRef)).toEqual({ model: 'm', version: 3 });
    const other = await blobs.putJson({ model: 'm' });
    await expect(blobs.getJson(other, VersionRef)).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { hash: other } });
    await expect(blobs.getJson(await blobs.put(bytes), VersionRef)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('what is wrong is said', () => {
  const missing = 'ab'.repeat(32);
  it('UNKNOWN_BLOB for content that was never stored', async () => {
    await expect(blobs.get(missing)).rejects.toMatchObject({ code: 'UNKNOWN_BLOB' });
    await expect(blobs.path(missing)).rejects.toMatchObject({ code: 'UNKNOWN_BLOB' });
    expect(await blobs.has(missing)).toBe(false);
  });

  it('CORRUPT_BLOB for bytes that differ from their hash; a torn file is healed by storing it again', async () => {
    const hash = await blobs.put(bytes);
    await writeFile(await blobs.path(hash), 'some cOntent');
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'CORRUPT_BLOB' });
    await writeFile(await blobs.path(hash), 'some');
    await blobs.put(bytes);
    expect((await blobs.get(hash)).equals(bytes)).toBe(true);
  });

  it('INVALID_INPUT for a name that is not a hash: nothing outside the store is ever opened', async () => {
    for (const name of ['../../etc/passwd', '', 'AB'.repeat(32), `${missing}/x`]) {
      await expect(blobs.get(name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(blobs.path(name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(blobs.has(name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
    expect(() => openBlobStore('ftp://host/x')).toThrow(/directory/);
  });

  it('leaves no blob when the file to take over is missing', async () => {
    await mkdir(root, { recursive: true });
    await expect(blobs.putFile(join(root, 'nothing'))).rejects.toThrow();
    expect(await readdir(root)).toEqual(['tmp']);
  });
});
