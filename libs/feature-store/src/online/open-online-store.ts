import { MettleError } from '@mettle/contracts';
import { createOnlineStore } from './create-online-store.ts';
import type { LmdbOptions } from './lmdb-backend.ts';
import { lmdbBackend } from './lmdb-backend.ts';
import { memoryBackend } from './memory-backend.ts';
import type { OnlineStore } from './online-store.ts';
import type { RedisOptions } from './redis-backend.ts';
import { redisBackend } from './redis-backend.ts';

/**
 * The store in a folder of LMDB files, or in a Redis: one process writes, any number read.
 * @throws MettleError UNAVAILABLE when LMDB is opened read-only before it exists; INVALID_INPUT for another scheme
 */
export function openOnlineStore(options: LmdbOptions | RedisOptions): OnlineStore {
  if (!('url' in options)) return createOnlineStore(lmdbBackend(options));
  if (!/^rediss?:\/\//.test(options.url) || !URL.canParse(options.url)) throw new MettleError('INVALID_INPUT', 'METTLE_ONLINE_STORE_URL is no address of an online store: redis://host:port/database', { setting: 'METTLE_ONLINE_STORE_URL' });
  return createOnlineStore(redisBackend(options));
}

/** The same store over a Map. `anyOrder` takes events by visibility instead of by sequence. */
export const createMemoryStore = (options: { anyOrder?: boolean } = {}): OnlineStore => createOnlineStore(memoryBackend(), options);
