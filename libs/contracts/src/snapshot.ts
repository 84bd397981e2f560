import { z } from 'zod';
import { Hash, Range, TimeUs } from './value.ts';

/**
 * A data version. `partitions` hold vectors (prediction_id, at, f_<feature>...) by month of T; `labels` holds
 * (prediction_id, label) row-aligned with the partitions' concatenation, label null where none is known at asOf.
 */
export const SnapshotManifest = z.object({
  v: z.literal(1),
  service: Hash.nullable(),
  asOf: TimeUs,
  range: Range,
  origin: z.enum(['joined', 'imported']),
  partitions: z.array(z.object({ hash: Hash, rows: z.int(), range: Range })),
  labels: Hash,
  rows: z.int(),
  labelled: z.int(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
});
export type SnapshotManifest = z.infer<typeof SnapshotManifest>;

export const Snapshot = z.object({
  v: z.literal(1),
  /** Blob of the SnapshotManifest: the data version. */
  manifest: Hash,
  service: Hash.nullable(),
  asOf: TimeUs,
  range: Range,
  rows: z.int(),
  labelled: z.int(),
  /** Hash of `columns`. */
  schema: Hash,
  /** Blob of the snapshot's Profile (frozen edges). */
  profile: Hash,
});
export type Snapshot = z.infer<typeof Snapshot>;
