import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { BlobStore } from '@mettle/blob-store';
import type { Hash, Snapshot, TimeUs } from '@mettle/contracts';
import type { ServiceDefinition } from '@mettle/feature-language';
import type { Engine } from './engine.ts';

/** Data versions as files. */
export interface SnapshotFiles {
  /** One Parquet file: prediction_id, at, f_<feature>..., label. */
  exportOf(manifest: Hash): Promise<Readable>;
  /** @throws MettleError INVALID_INPUT | SIGNATURE_MISMATCH; nothing is left behind */
  importFrom(bytes: Uint8Array, options: { readonly definition: ServiceDefinition; readonly asOf: TimeUs }): Promise<Snapshot>;
}

export function createSnapshotFiles({ blobs, engine }: { readonly blobs: BlobStore; readonly engine: Engine }): SnapshotFiles {
  return {
    async exportOf(snapshot) {
      const { exportSnapshot } = await import('@mettle/datasets');
      const path = await exportSnapshot({ db: await engine.open(), blobs, snapshot });
      const stream = createReadStream(path);
      // Read to its end or not: the file is a copy.
      stream.once('close', () => void rm(path, { force: true }));
      return stream;
    },
    async importFrom(bytes, { definition, asOf }) {
      const { importSnapshot } = await import('@mettle/datasets');
      return importSnapshot({ db: await engine.open(), blobs, bytes, definition, asOf });
    },
  };
}
