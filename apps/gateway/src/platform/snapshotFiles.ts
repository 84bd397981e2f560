import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { BlobStore } from '@mettle/blob-store';
import type { Hash, Snapshot, TimeUs } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import type { ServiceDefinition } from '@mettle/feature-language';

/** Data versions as files. */
export interface SnapshotFiles {
  /** One Parquet file: prediction_id, at, f_<feature>..., label. */
  exportOf(manifest: Hash): Promise<Readable>;
  /** @throws MettleError INVALID_INPUT | SIGNATURE_MISMATCH; nothing is left behind */
  importFrom(bytes: Uint8Array, options: { readonly definition: ServiceDefinition; readonly asOf: TimeUs }): Promise<Snapshot>;
  close(): Promise<void>;
}

/** The engine is native and large: it is loaded by the first file that comes or goes, and keeps to one thread. */
export function openSnapshotFiles({ blobs, temp }: { readonly blobs: BlobStore; readonly temp: string }): SnapshotFiles {
  let engine: Promise<Db> | undefined;
  const open = (): Promise<Db> =>
    (engine ??= import('@mettle/duckdb').then(({ openDuckDB }) => openDuckDB({ memoryLimit: '512MB', threads: 1, tempDirectory: join(temp, 'duckdb') })));
  return {
    async exportOf(snapshot) {
      const { exportSnapshot } = await import('@mettle/datasets');
      const path = await exportSnapshot({ db: await open(), blobs, snapshot });
      const stream = createReadStream(path);
      // Read to its end or not: the file is a copy.
      stream.once('close', () => void rm(path, { force: true }));
      return stream;
    },
    async importFrom(bytes, { definition, asOf }) {
      const { importSnapshot } = await import('@mettle/datasets');
      return importSnapshot({ db: await open(), blobs, bytes, definition, asOf });
    },
    async close() {
      if (engine !== undefined) await (await engine).close();
    },
  };
}
