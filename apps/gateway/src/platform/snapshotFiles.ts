import type { Readable } from 'node:stream';
import { MettleError, type Hash, type Snapshot, type TimeUs } from '@mettle/contracts';
import type { BlobStore } from '@mettle/blob-store';
import type { ServiceDefinition } from '@mettle/feature-language';

/** Data versions as files. */
export interface SnapshotFiles {
  /** One Parquet file: prediction_id, at, f_<feature>..., label. @throws MettleError UNKNOWN_SNAPSHOT */
  exportOf(manifest: Hash): Promise<Readable>;
  /** @throws MettleError INVALID_INPUT | TOO_LARGE | SIGNATURE_MISMATCH; nothing is left behind */
  importFrom(body: AsyncIterable<Buffer>, options: { readonly definition: ServiceDefinition; readonly asOf: TimeUs; readonly limit: number }): Promise<Snapshot>;
}

export function openSnapshotFiles(_deps: { readonly blobs: BlobStore; readonly temp: string }): SnapshotFiles & { close(): Promise<void> } {
  const away = (): Promise<never> => Promise.reject(new MettleError('UNAVAILABLE', 'data versions cannot be moved here yet'));
  return { exportOf: away, importFrom: away, close: () => Promise.resolve() };
}
