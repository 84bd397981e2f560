import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MettleError, isMettleError, type FeatureVector } from '@mettle/contracts';
import type { CompiledService, KeyType } from '@mettle/feature-language';
import { openOnlineStore, type OnlineStore, type ReadRow } from '@mettle/feature-store';

/** The online store that another process writes, through its absence at first and its replacement after a power loss. */
export interface LiveStore {
  /** @throws MettleError UNAVAILABLE while there is none; SERVICE_MISMATCH */
  read(service: CompiledService, rows: readonly ReadRow[]): Promise<FeatureVector[]>;
  /** Entity keys of every service that the store keeps; another object when they change. */
  readonly keys: Readonly<Record<string, KeyType>>;
  /** Opens the store when it has come, or come anew, and looks which services it keeps. */
  refresh(): Promise<void>;
  readonly open: boolean;
  /** @throws MettleError UNAVAILABLE when there is no answer from where the store is; one that is empty answers */
  reach(): Promise<void>;
  close(): Promise<void>;
}

/** Where the store is: a folder of LMDB files, or a Redis. */
export type StorePlace = { readonly path: string } | { readonly url: string };

/**
 * @param onError hears why a store that is there could not be opened at once; `refresh` tries again
 * @throws MettleError INVALID_INPUT when the place is none
 */
export async function openLiveStore(place: StorePlace, onError: (error: unknown) => void): Promise<LiveStore> {
  let store: OnlineStore | null = null;
  /** Tells a store from its replacement: a Redis tells it by itself. */
  let opened: number | 'redis' | null = null;
  const current = (): number | 'redis' | null => ('url' in place ? 'redis' : (statSync(join(place.path, 'data.mdb'), { throwIfNoEntry: false })?.ino ?? null));
  /** It was reached at least once: a Redis that is away later says so at each read. */
  let reached = false;

  let keys: Readonly<Record<string, KeyType>> = {};

  const look = async (): Promise<void> => {
    if (store === null) return;
    const definitions = await store.definitions();
    reached = true;
    const found = Object.assign({}, ...definitions.flatMap(({ views }) => views.map((view) => view.keys))) as Record<string, KeyType>;
    if (JSON.stringify(found) !== JSON.stringify(keys)) keys = found;
  };
  const reopen = async (): Promise<void> => {
    const found = current();
    if (found === opened) return;
    const old = store;
    store = null;
    opened = null;
    await old?.close();
    if (found === null) return;
    store = openOnlineStore({ ...place, readOnly: true });
    opened = found;
  };
  const refresh = async (): Promise<void> => {
    await reopen();
    await look();
  };
  await refresh().catch((error: unknown) => {
    if (isMettleError(error) && error.code === 'INVALID_INPUT') throw error;
    onError(error);
  });
  return {
    async read(service, rows) {
      if (store === null) throw new MettleError('UNAVAILABLE', 'there is no online store yet', { path: 'online' });
      return store.read(service, rows);
    },
    get keys() {
      return keys;
    },
    refresh,
    get open() {
      return store !== null && reached;
    },
    async reach() {
      await refresh().catch((error: unknown) => {
        if ('url' in place && isMettleError(error) && error.data['reason'] !== undefined) throw error;
      });
    },
    async close() {
      await store?.close();
      store = null;
    },
  };
}
