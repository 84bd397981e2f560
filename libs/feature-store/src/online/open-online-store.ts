import { createOnlineStore } from './create-online-store.ts';
import type { LmdbOptions } from './lmdb-backend.ts';
import { lmdbBackend } from './lmdb-backend.ts';
import { memoryBackend } from './memory-backend.ts';
import type { OnlineStore } from './online-store.ts';

/**
 * The store in a folder of LMDB files: one process writes, any number read.
 * @throws MettleError UNAVAILABLE when opened read-only before it exists
 */
export const openOnlineStore = (options: LmdbOptions): OnlineStore => createOnlineStore(lmdbBackend(options));

/** The same store over a Map. `anyOrder` takes events by visibility instead of by sequence. */
export const createMemoryStore = (options: { anyOrder?: boolean } = {}): OnlineStore => createOnlineStore(memoryBackend(), options);
