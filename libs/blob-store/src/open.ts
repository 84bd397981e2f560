import { MettleError } from '@mettle/contracts';
import { directoryStore } from './directory.ts';
import type { BlobStore, Durability } from './store.ts';

export type BlobStoreOptions = { readonly durability?: Durability };

/**
 * Opens the store that a METTLE_BLOB_URL names: a directory path or `file:` URL.
 * @throws MettleError INVALID_INPUT for another scheme
 */
export function openBlobStore(url: string, { durability = 'process' }: BlobStoreOptions = {}): BlobStore {
  if (url.startsWith('file://')) return directoryStore(decodeURIComponent(new URL(url).pathname), durability);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(url)) throw new MettleError('INVALID_INPUT', 'a blob store is a directory', { url });
  return directoryStore(url, durability);
}
