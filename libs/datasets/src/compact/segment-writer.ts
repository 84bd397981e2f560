import { rm } from 'node:fs/promises';
import type { BlobStore } from '@mettle/blob-store';
import type { SegmentRef, SegmentTable } from '@mettle/contracts';
import { writeParquet, type Column, type Db } from '@mettle/duckdb';

/** Rows of one segment, column by column. */
export type Draft = {
  readonly table: SegmentTable;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly data: readonly (readonly unknown[])[];
  /** The table's time per row: knownAt for events and labels, T for the others. */
  readonly times: readonly number[];
  readonly sequences: { readonly from: number; readonly to: number };
  readonly orderBy: string;
};

/** Writes a draft as an immutable segment; null when it has no rows. The same rows give the same hash. */
export async function writeSegment(db: Db, blobs: BlobStore, draft: Draft): Promise<SegmentRef | null> {
  const rows = draft.times.length;
  if (rows === 0) return null;
  let [from, to] = [Infinity, -Infinity];
  for (const time of draft.times) {
    if (time < from) from = time;
    if (time > to) to = time;
  }
  const path = blobs.temporary();
  try {
    await writeParquet(db, draft, path, { orderBy: draft.orderBy });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  const { hash, bytes } = await blobs.putFile(path);
  return { table: draft.table, name: draft.name, hash, bytes, rows, range: { from, to: to + 1 }, sequences: { ...draft.sequences } };
}
