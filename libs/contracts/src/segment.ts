import { z } from 'zod';
import { Hash, Name, Range, TimeUs } from './value.ts';

/** A sealed piece of an append log as it was written: JSON lines, gzip, content-addressed. `compact` turns raw pieces into tables. */
export const RawSegment = z.object({
  log: z.enum(['events', 'labels', 'predictions', 'observations']),
  /** Who wrote it: a partition of the event log or an inference server. */
  writer: z.string(),
  hash: Hash,
  bytes: z.int(),
  rows: z.int(),
  sequences: z.object({ from: z.int(), to: z.int() }),
});
export type RawSegment = z.infer<typeof RawSegment>;

export const SegmentTable = z.enum(['events', 'labels', 'predictions', 'vectors', 'observations']);
export type SegmentTable = z.infer<typeof SegmentTable>;

/** An immutable Parquet file of one table. `name` is the source (events) or the service hash (vectors); empty otherwise. */
export const SegmentRef = z.object({
  table: SegmentTable,
  name: z.string(),
  hash: Hash,
  bytes: z.int(),
  rows: z.int(),
  /** The extent of the table's time: knownAt for events and labels, T (`at`) for the others; [min, max]+1. */
  range: Range,
  sequences: z.object({ from: z.int(), to: z.int() }),
});
export type SegmentRef = z.infer<typeof SegmentRef>;

/** Everything of an endpoint that was sealed up to a watermark; activities get its blob hash. */
export const Catalogue = z.object({
  v: z.literal(1),
  endpoint: Name,
  watermark: TimeUs,
  segments: z.array(SegmentRef),
  /** Definition blobs by hash: service hash -> blob of the FeatureServiceIR. */
  services: z.record(z.string(), Hash),
});
export type Catalogue = z.infer<typeof Catalogue>;
