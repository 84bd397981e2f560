import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MettleError, type FeatureVector } from '@mettle/contracts';
import type { CompiledService, KeyType } from '@mettle/feature-language';
import { openOnlineStore, type OnlineStore, type ReadRow } from '@mettle/feature-store';

/** The online store that another process writes, through its absence at first and its replacement after a power loss. */
export interface LiveStore {
  /** @throws MettleError UNAVAILABLE while there is none; SERVICE_MISMATCH */
  read(service: CompiledService, rows: readonly ReadRow[]): FeatureVector[];
  /** Entity keys of every service that the store keeps; another object when they change. */
  readonly keys: Readonly<Record<string, KeyType>>;
  /** Opens the store when it has come, or come anew, and looks which services it keeps. */
  refresh(): Promise<void>;
  readonly open: boolean;
  close(): Promise<void>;
}

/**
 * @param path the folder of the LMDB files
 * @param onError hears why a store that is there could not be opened at once; `refresh` tries again
 */
export async function openLiveStore(path: string, onError: (error: unknown) => void): Promise<LiveStore> {
  let store: OnlineStore | null = null;
  let inode: number | null = null;
  const current = (): number | null => statSync(join(path, 'data.mdb'), { throwIfNoEntry: false })?.ino ?? null;

  let keys: Readonly<Record<string, KeyType>> = {};

  const look = (): void => {
    const found = Object.assign({}, ...(store?.definitions() ?? []).flatMap(({ views }) => views.map((view) => view.keys))) as Record<string, KeyType>;
    if (JSON.stringify(found) !== JSON.stringify(keys)) keys = found;
  };
  const reopen = async (): Promise<void> => {
    const found = current();
    if (found === inode) return;
    const old = store;
    store = null;
    inode = null;
    await old?.close();
    if (found === null) return;
    store = openOnlineStore({ path, readOnly: true });
    inode = found;
  };
  const refresh = async (): Promise<void> => {
    await reopen();
    look();
  };
  await refresh().catch(onError);
  return {
    read(service, rows) {
      if (store === null) throw new MettleError('UNAVAILABLE', 'there is no online store yet', { path: 'online' });
      return store.read(service, rows);
    },
    get keys() {
      return keys;
    },
    refresh,
    get open() {
      return store !== null;
    },
    async close() {
      await store?.close();
      store = null;
    },
  };
}
