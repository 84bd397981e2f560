import type { BlobStore } from '@mettle/blob-store';
import type { RawSegment } from '@mettle/contracts';
import type { AppendLog } from './append-log.ts';

/**
 * Seals a log into the blob store. Idempotent: pieces stay here, under the same hashes, until `forget` says that the
 * control plane registered them; a crash at any point repeats them and loses nothing.
 */
export async function sealToBlobs(
  log: Pick<AppendLog<unknown>, 'seal'>,
  blobs: BlobStore,
  origin: Pick<RawSegment, 'log' | 'writer'>,
): Promise<RawSegment[]> {
  const raws: RawSegment[] = [];
  for (const piece of await log.seal()) {
    if (!(await blobs.has(piece.hash))) await blobs.put(await piece.content());
    raws.push({ ...origin, hash: piece.hash, bytes: piece.bytes, rows: piece.rows, sequences: { ...piece.sequences } });
  }
  return raws;
}
