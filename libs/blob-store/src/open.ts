import { MettleError } from '@mettle/contracts';
import { directoryStore } from './directory.ts';
import { s3Store } from './s3.ts';
import type { BlobStore, Durability } from './store.ts';

/** Local copies of a bucket's blobs, unless told otherwise: 20 GiB. */
const CACHE_BYTES = 20 * 2 ** 30;

export interface BlobStoreOptions {
  readonly durability?: Durability;
  /** The folder of local copies that a store elsewhere needs. */
  readonly cache?: string;
  readonly cacheBytes?: number;
}

function openBucket(url: string, { cache, cacheBytes = CACHE_BYTES }: BlobStoreOptions): BlobStore {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?$/.exec(url) ?? [];
  if (bucket === undefined) throw new MettleError('INVALID_INPUT', `METTLE_BLOB_URL='${url}': a bucket is named s3://bucket or s3://bucket/prefix`, { setting: 'METTLE_BLOB_URL', url });
  if (cache === undefined) throw new MettleError('INVALID_INPUT', 'a store in a bucket needs a folder for local copies', { url });
  const { env } = process;
  const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? (endpoint === undefined ? undefined : 'us-east-1');
  return s3Store({ bucket, prefix: path.replace(/^\/+|\/+$/g, ''), endpoint, region, cache: { folder: cache, limit: cacheBytes } });
}

/**
 * Opens the store that a METTLE_BLOB_URL names: a directory path, a `file:` URL, or `s3://bucket/prefix`. For S3 the
 * endpoint, region and credentials come from the AWS variables (AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_ACCESS_KEY_ID, ...).
 * @throws MettleError INVALID_INPUT for another scheme
 */
export function openBlobStore(url: string, options: BlobStoreOptions = {}): BlobStore {
  if (url.startsWith('s3://')) return openBucket(url, options);
  if (url.startsWith('file://')) return directoryStore(decodeURIComponent(new URL(url).pathname), options.durability);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(url)) throw new MettleError('INVALID_INPUT', `METTLE_BLOB_URL='${url}': a blob store is a directory or a bucket (s3://bucket/prefix)`, { setting: 'METTLE_BLOB_URL', url });
  return directoryStore(url, options.durability);
}
