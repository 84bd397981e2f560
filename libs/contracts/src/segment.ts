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
  /** Pieces of one batch become segments together; given where a step holds pieces of several. */
  batch: z.string().optional(),
});
export type RawSegment = z.infer<typeof RawSegment>;

export const SegmentTable = z.enum(['events', 'labels', 'predictions', 'vectors', 'observations']);
export type SegmentTable = z.infer<typeof SegmentTable>;

/** An immutable Parquet file of one table. `name` is the source (events) or the service hash (vectors); empty otherwise. What was scored in batch: {@link batchName}. */
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

const BATCH = 'batch';

/**
 * The `name` of segments that hold rows scored in batch: they lie apart from what was served, so that nothing that
 * judges or trains on traffic reads them unless it asks to.
 * @param service of vectors; null: predictions
 */
export const batchName = (service: Hash | null): string => (service === null ? BATCH : `${BATCH}/${service}`);

const holdsScores = ({ table }: Pick<SegmentRef, 'table'>): boolean => table === 'predictions' || table === 'vectors';
export const isBatch = (segment: Pick<SegmentRef, 'table' | 'name'>): boolean => holdsScores(segment) && (segment.name === BATCH || segment.name.startsWith(`${BATCH}/`));

/** The service of a vectors segment, whether its rows were served or scored in batch. */
export const serviceOfVectors = ({ table, name }: Pick<SegmentRef, 'table' | 'name'>): Hash => (isBatch({ table, name }) ? name.slice(BATCH.length + 1) : name);

/**
 * Everything that was sealed up to a watermark of an endpoint: its predictions, and the events, labels and observations of
 * all (a piece of those logs holds rows of any endpoint). Activities get its blob hash.
 */
export const Catalogue = z.object({
  v: z.literal(1),
  endpoint: Name,
  watermark: TimeUs,
  segments: z.array(SegmentRef),
  /** Definition blobs by hash: service hash -> blob of the FeatureServiceIR. */
  services: z.record(z.string(), Hash),
});
export type Catalogue = z.infer<typeof Catalogue>;
