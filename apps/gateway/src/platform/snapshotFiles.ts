import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { BlobStore } from '@mettle/blob-store';
import { MettleError, type Hash, type Snapshot, type Spine, type TimeUs } from '@mettle/contracts';
import type { ServiceDefinition } from '@mettle/feature-language';
import type { Engine } from './engine.ts';

/** Data versions, and what is scored in batch, as files. */
export interface SnapshotFiles {
  /** One Parquet file: prediction_id, at, f_<feature>..., label. */
  exportOf(manifest: Hash): Promise<Readable>;
  /** @throws MettleError INVALID_INPUT | SIGNATURE_MISMATCH; nothing is left behind */
  importFrom(bytes: Uint8Array, options: { readonly definition: ServiceDefinition; readonly asOf: TimeUs }): Promise<Snapshot>;
  /** @throws MettleError as an online request would be refused, naming the column; nothing is left behind */
  importSpine(bytes: Uint8Array, options: { readonly definition: ServiceDefinition; readonly endpoint: string }): Promise<Spine>;
  /** @throws MettleError UNKNOWN_BLOB | NOT_FOUND when the blob holds no scores */
  scoresOf(scores: Hash): Promise<Readable>;
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
    async importSpine(bytes, { definition, endpoint }) {
      const { importSpine } = await import('@mettle/datasets');
      return importSpine({ db: await engine.open(), blobs, bytes, definition, endpoint });
    },
    async scoresOf(scores) {
      const { sqlString } = await import('@mettle/duckdb');
      const path = await blobs.path(scores);
      // A blob may be anything: only a file of scores goes out.
      const columns = await (await engine.open()).all<{ column_name: string }>(`DESCRIBE SELECT prediction_id, "at", p FROM read_parquet(${sqlString(path)})`).catch(() => []);
      if (columns.length === 0) throw new MettleError('NOT_FOUND', 'no scores have this hash', { scores });
      return createReadStream(path);
    },
  };
}
