export { openBlobStore, type BlobStoreOptions } from './open.ts';
export type { BlobStore, Durability, Parser } from './store.ts';
