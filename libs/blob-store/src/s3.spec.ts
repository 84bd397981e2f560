import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashBytes } from '@mettle/contracts';
import { startObjectServer, type TestObjectServer } from '@mettle/testing';
import { localCache } from './local-cache.ts';
import { s3Store } from './s3.ts';
import type { BlobStore } from './store.ts';

let server: TestObjectServer;
let environment: typeof process.env;
let folder: string;
beforeAll(async () => {
  server = await startObjectServer();
  environment = process.env;
  process.env = { ...process.env, ...server.env };
});
afterAll(async () => {
  process.env = environment;
  await server.stop();
});
let round = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mettle-s3-'));
  round += 1;
  return () => rm(folder, { recursive: true, force: true });
});
let caches = 0;
const open = (more: Partial<Parameters<typeof s3Store>[0]> = {}): BlobStore =>
  s3Store({ bucket: server.bucket, prefix: `round-${round}`, endpoint: server.env['AWS_ENDPOINT_URL_S3'], region: 'us-east-1', cache: { folder: join(folder, `cache-${(caches += 1)}`), limit: 2 ** 30 }, ...more });
const objects = async (): Promise<string[]> => (await readdir(server.folder, { recursive: true })).filter((name) => name.startsWith(`round-${round}/`) && /[0-9a-f]{64}$/.test(name));

describe('blobs in a bucket', () => {
  it('that are larger than a part are stored in parts and read whole', async () => {
    const blobs = open({ partBytes: 5 * 2 ** 20 });
    const content = randomBytes(11 * 2 ** 20);
    const path = blobs.temporary();
    await writeFile(path, content);
    const { hash } = await blobs.putFile(path);
    expect(hash).toBe(hashBytes(content));
    expect((await readFile(await open().path(hash))).equals(content)).toBe(true);
    expect((await open().get(hash)).equals(content)).toBe(true);
  });

  it('answer from verified local copies while the server is away; the rest is UNAVAILABLE, and all is well when it is back', async () => {
    const blobs = open();
    const [held, remote, late] = ['held', 'remote', 'late'].map((text) => Buffer.from(text));
    const here = await blobs.put(held as Buffer);
    await blobs.path(here);
    const there = await blobs.put(remote as Buffer);
    await server.kill();
    expect((await blobs.get(here)).toString()).toBe('held');
    expect(await readFile(await blobs.path(here), 'utf8')).toBe('held');
    const away = { code: 'UNAVAILABLE', data: { bucket: server.bucket } };
    await expect(blobs.get(there)).rejects.toMatchObject(away);
    await expect(blobs.path(there)).rejects.toMatchObject(away);
    await expect(blobs.has(here)).rejects.toMatchObject(away);
    await expect(blobs.put(late as Buffer)).rejects.toMatchObject(away);
    const draft = blobs.temporary();
    await writeFile(draft, 'a file');
    await expect(blobs.putFile(draft)).rejects.toMatchObject(away);
    expect(await readFile(draft, 'utf8')).toBe('a file');
    await expect(open().has(here)).rejects.toMatchObject(away);
    await server.start();
    expect((await blobs.get(there)).toString()).toBe('remote');
    expect((await blobs.get(await blobs.put(late as Buffer))).toString()).toBe('late');
    expect((await open().get((await blobs.putFile(draft)).hash)).toString()).toBe('a file');
  });

  it('are whole or not there when the server is killed in the middle of an upload', async () => {
    const blobs = open({ partBytes: 5 * 2 ** 20 });
    const content = randomBytes(16 * 2 ** 20);
    const path = join(folder, 'large');
    await writeFile(path, content);
    const storing = blobs.putFile(path).then(() => 'stored', (error: { code?: string }) => error.code);
    // Its parts are on the server's disk from the first one on.
    while (!(await readdir(server.folder, { recursive: true })).some((name) => name.includes('multipart'))) await delay(2);
    await server.kill();
    const told = await storing;
    await server.start();
    expect(['stored', 'UNAVAILABLE']).toContain(told);
    expect((await objects()).length).toBe(told === 'stored' ? 1 : 0);
    if (told !== 'stored') await blobs.putFile(path);
    expect((await open().get(hashBytes(content))).equals(content)).toBe(true);
  });

  it('tell a missing bucket and refused credentials from a missing blob', async () => {
    const missing = 'ab'.repeat(32);
    await expect(open({ bucket: 'no-such-bucket' }).has(missing)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(open({ bucket: 'no-such-bucket' }).get(missing)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(open({ bucket: 'no-such-bucket' }).put(Buffer.from('x'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const secret = process.env['AWS_SECRET_ACCESS_KEY'];
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    await expect(open().get(missing)).rejects.toMatchObject({ code: 'UNAVAILABLE', data: { status: 403 } });
    process.env['AWS_SECRET_ACCESS_KEY'] = secret;
    await expect(open().get(missing)).rejects.toMatchObject({ code: 'UNKNOWN_BLOB' });
  });

  it('are read anew when a local copy was damaged while nobody ran', async () => {
    const cache = { folder: join(folder, 'shared'), limit: 2 ** 30 };
    const first = open({ cache });
    const hash = await first.put(Buffer.from('content'));
    await writeFile(await first.path(hash), 'cOntent');
    const second = open({ cache });
    expect(await readFile(await second.path(hash), 'utf8')).toBe('content');
    await writeFile(await second.path(hash), 'contenT');
    expect((await second.get(hash)).toString()).toBe('content');
  });
});

describe('a download that breaks off', () => {
  let proxy: Server;
  let breaks: number;
  let body: Buffer;
  beforeEach(async () => {
    body = randomBytes(3 * 2 ** 20);
    // A bucket whose server hangs up half way, as often as it is told.
    proxy = createServer((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(200, { 'content-length': String(body.length) }).end();
      response.writeHead(200, { 'content-length': String(body.length) });
      if ((breaks -= 1) < 0) return void response.end(body);
      response.write(body.subarray(0, 2 ** 20), () => setImmediate(() => response.destroy()));
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    return () => {
      proxy.closeAllConnections();
      proxy.close();
    };
  });
  const through = (): BlobStore => open({ endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });

  it('is tried again, and leaves nothing behind when it never ends', async () => {
    breaks = 2;
    const blobs = through();
    expect((await blobs.get(hashBytes(body))).equals(body)).toBe(true);
    breaks = 100;
    const other = through();
    await expect(other.path(hashBytes(body))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await readdir(dirname(other.temporary()))).toEqual([]);
  });
});

describe('local copies', () => {
  it('are dropped when they are many, the longest unused first; what was used within hours stays', async () => {
    const cache = localCache({ folder: join(folder, 'cache'), limit: 250 });
    const adopt = async (text: string): Promise<{ hash: string; path: string }> => {
      const content = Buffer.alloc(100, text);
      const draft = cache.temporary();
      await writeFile(draft, content);
      return { hash: hashBytes(content), path: await cache.adopt(draft, hashBytes(content)) };
    };
    const aged = async ({ path }: { path: string }, hours: number): Promise<void> => {
      const then = new Date(Date.now() - hours * 3_600_000);
      await utimes(path, then, then);
    };
    const copies = [await adopt('a'), await adopt('b'), await adopt('c')];
    expect(await Promise.all(copies.map(({ hash }) => cache.path(hash)))).toEqual(copies.map(({ path }) => path));
    const [a, b, c] = copies as [(typeof copies)[0], (typeof copies)[0], (typeof copies)[0]];
    await aged(a, 8);
    await aged(b, 20);
    await aged(c, 30);
    expect(await cache.path(c.hash)).toBe(c.path);
    await adopt('d');
    expect(await Promise.all(copies.map(({ path }) => stat(path).then(() => true, () => false)))).toEqual([false, false, true]);
    expect([await cache.path(a.hash), await cache.bytes(b.hash), await cache.path(c.hash)]).toEqual([null, null, c.path]);
  });
});
