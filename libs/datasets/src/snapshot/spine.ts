import type { BlobStore } from '@mettle/blob-store';
import { DAY_US, hashOf, type Catalogue, type Range, type SegmentRef } from '@mettle/contracts';
import { copyToParquet, fileList, sqlString, type Db } from '@mettle/duckdb';
import type { CompiledService } from '@mettle/feature-language';

/** Partitions are seven days of T: what is complete is joined and proved once. */
const WIDTH = 7 * DAY_US;

const overlaps = (segment: SegmentRef, range: Range): boolean => segment.rows > 0 && segment.range.from < range.to && segment.range.to > range.from;

/** Moments that features are computed for: imported observations, and predictions by whichever service logged them. */
export const spineSegments = (catalogue: Catalogue, range: Range): SegmentRef[] =>
  catalogue.segments.filter((one) => (one.table === 'observations' || one.table === 'vectors') && overlaps(one, range));

/** The partitions of a range that hold rows, oldest first; the first and the last are cut to the range. */
export function partitionsOf(catalogue: Catalogue, range: Range): Range[] {
  const segments = spineSegments(catalogue, range);
  if (segments.length === 0) return [];
  const first = Math.max(range.from, Math.min(...segments.map((one) => one.range.from)));
  const last = Math.min(range.to, Math.max(...segments.map((one) => one.range.to)));
  const partitions: Range[] = [];
  for (let from = Math.floor(first / WIDTH) * WIDTH; from < last; from += WIDTH) {
    partitions.push({ from: Math.max(from, range.from), to: Math.min(from + WIDTH, range.to) });
  }
  return partitions;
}

/** Names the content that a partition's vectors depend on: the service, the rows, and the events that could change them. */
export function partitionKey(catalogue: Catalogue, service: CompiledService, range: Range): string {
  const events = service.definition.sources.map((source) => {
    const horizons = service.views.filter((view) => view.reducer.source === source.name).map((view) => view.reducer.horizon);
    const longest = horizons.some((horizon) => horizon === null) ? null : Math.max(0, ...(horizons as number[]));
    const from = longest === null ? Number.MIN_SAFE_INTEGER : range.from - longest;
    return catalogue.segments.filter((one) => one.table === 'events' && one.name === source.name && overlaps(one, { from, to: range.to })).map((one) => one.hash);
  });
  return hashOf({ v: 1, endpoint: catalogue.endpoint, service: service.hash, range, rows: spineSegments(catalogue, range).map((one) => one.hash), events });
}

/** Writes a partition's rows (prediction_id, at, keys, request), each prediction once. Null when there are none. */
export async function writeSpine(db: Db, blobs: BlobStore, catalogue: Catalogue, range: Range): Promise<string | null> {
  const segments = spineSegments(catalogue, range);
  if (segments.length === 0) return null;
  const files = await Promise.all(segments.map((one) => blobs.path(one.hash)));
  const path = blobs.temporary();
  const { rows } = await copyToParquet(
    db,
    `SELECT prediction_id, any_value("at") AS "at", any_value(keys) AS keys, any_value(request) AS request FROM read_parquet(${fileList(files)}, union_by_name = true)
     WHERE endpoint = ${sqlString(catalogue.endpoint)} AND "at" >= ${range.from} AND "at" < ${range.to} GROUP BY prediction_id ORDER BY 2, 1`,
    path,
  );
  if (rows === 0) return null;
  return blobs.path((await blobs.putFile(path)).hash);
}

/** Event files by source, of the whole catalogue: the replay reads only what can change a value. */
export async function eventFilesOf(blobs: BlobStore, catalogue: Catalogue): Promise<Record<string, string[]>> {
  const files: Record<string, string[]> = {};
  for (const one of catalogue.segments) {
    if (one.table === 'events' && one.rows > 0) (files[one.name] ??= []).push(await blobs.path(one.hash));
  }
  return files;
}
