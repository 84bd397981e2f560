import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createHash } from 'node:crypto';
import { MettleError } from '@mettle/contracts';
import { checkHash, sha256, sha256OfFile } from './check.ts';
import { jsonOver } from './json.ts';
import { localCache, type CacheOptions } from './local-cache.ts';
import { isMissingObject, missingOr, unavailable } from './s3-errors.ts';
import type { Bucket, BucketOptions } from './s3-bucket.ts';
import type { BlobStore } from './store.ts';

/** Tries of one call, with the client's own backoff; and of a download that broke off half way. */
const TRIES = 4;

/** Bytes of one request: a part is held in memory, so that a retry can send it again. S3 takes 10,000 parts of it. */
const PART_BYTES = 32 * 2 ** 20;

export interface S3Options extends Pick<BucketOptions, 'bucket' | 'endpoint' | 'region'> {
  /** Before each key; '' or without slashes at its ends. */
  readonly prefix: string;
  readonly cache: CacheOptions;
  readonly partBytes?: number;
}

/**
 * Blobs as objects `<prefix>/<first two digits>/<hash>`; readers get verified local copies. S3 shows an object whole or
 * not at all. The calls throw UNAVAILABLE while the store, or the right to use it, is away.
 */
export function s3Store({ bucket, prefix, cache: cacheOptions, endpoint, region, partBytes = PART_BYTES }: S3Options): BlobStore {
  let opened: Promise<Bucket> | undefined;
  const cache = localCache(cacheOptions);
  const keyOf = (hash: string): string => `${prefix === '' ? '' : `${prefix}/`}${checkHash(hash).slice(0, 2)}/${hash}`;
  const place = { endpoint: endpoint ?? null };
  const about = (hash: string) => ({ bucket, ...place, key: keyOf(hash) });

  /** The bucket, once it has answered: without it a server would answer 404 for every object, as if it had none. */
  const ready = async (): Promise<Bucket> => {
    opened ??= import('./s3-bucket.ts').then(async ({ openBucket }) => {
      const found = openBucket({ bucket, endpoint, region, partBytes, tries: TRIES });
      await found.check();
      return found;
    });
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw unavailable(error, { bucket, ...place });
    }
  };
  const sizeOf = async (hash: string): Promise<number | null> => {
    const key = keyOf(hash);
    const objects = await ready();
    try {
      return await objects.size(key);
    } catch (error) {
      if (isMissingObject(error)) return null;
      throw unavailable(error, about(hash));
    }
  };
  /** Runs a write of what the bucket does not hold in this size: an object of another size is damaged, and storing the content again heals it. */
  const store = async (hash: string, bytes: number, write: (objects: Bucket) => Promise<void>): Promise<void> => {
    if ((await sizeOf(hash)) === bytes) return;
    try {
      await write(await ready());
    } catch (error) {
      throw unavailable(error, about(hash));
    }
  };

  /** Writes the object to a file while hashing it. */
  const fetchTo = async (hash: string, path: string): Promise<void> => {
    const { body, bytes: expected } = await (await ready()).read(keyOf(hash));
    const digest = createHash('sha256');
    let bytes = 0;
    await pipeline(
      body,
      async function* (parts: AsyncIterable<Buffer>) {
        for await (const part of parts) {
          digest.update(part);
          bytes += part.length;
          yield part;
        }
      },
      createWriteStream(path, { flags: 'w' }),
    );
    if (expected !== null && bytes !== expected) throw new Error(`${bytes} of ${expected} bytes came`);
    const found = digest.digest('hex');
    if (found !== hash) throw new MettleError('CORRUPT_BLOB', `blob ${hash} holds other bytes`, { hash, found, bytes });
  };
  const download = async (hash: string): Promise<string> => {
    const draft = cache.temporary();
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await fetchTo(hash, draft);
          return await cache.adopt(draft, hash);
        } catch (error) {
          const meant = missingOr(error, hash, about(hash));
          // The client itself repeats calls, not bodies that break off.
          const brokeOff = meant.code === 'UNAVAILABLE' && (error as { $metadata?: unknown }).$metadata === undefined;
          if (!brokeOff || attempt === TRIES) throw meant;
        }
      }
    } finally {
      await rm(draft, { force: true });
    }
  };

  /** One download at a time for a blob that many ask for. */
  const under = new Map<string, Promise<string>>();
  const path = async (hash: string): Promise<string> => {
    const held = await cache.path(checkHash(hash));
    if (held !== null) return held;
    let coming = under.get(hash);
    if (coming === undefined) under.set(hash, (coming = download(hash).finally(() => under.delete(hash))));
    return coming;
  };
  const put = async (bytes: Uint8Array): Promise<string> => {
    const hash = sha256(bytes);
    await store(hash, bytes.length, (objects) => objects.put(keyOf(hash), hash, bytes));
    return hash;
  };
  const get = async (hash: string): Promise<Buffer> => {
    const held = await cache.bytes(checkHash(hash));
    return held ?? readFile(await path(hash));
  };

  return {
    check: async () => void (await ready()),
    put,
    get,
    ...jsonOver({ put, get }),
    path,
    temporary: () => cache.temporary(),
    has: async (hash) => (await sizeOf(hash)) !== null,
    async putFile(from) {
      const found = await sha256OfFile(from);
      await store(found.hash, found.bytes, (objects) => objects.upload(keyOf(found.hash), from, found));
      // Who wrote it is likely to read it. A file of another file system is not worth a copy.
      await cache.adopt(from, found.hash).catch(() => rm(from));
      return found;
    },
  };
}
