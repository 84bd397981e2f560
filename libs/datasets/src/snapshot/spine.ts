import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_US, hashOf, isBatch, type Catalogue, type Range, type SegmentRef } from '@mettle/contracts';
import { copyToParquet, fileList, sqlString } from '@mettle/duckdb';
import type { CompiledService } from '@mettle/feature-language';
import { mergedFiles, type Reader } from './merged-files.ts';
import { remembered } from './remembered.ts';

/** Partitions are seven days of T: what is complete is joined and proved once. */
const WIDTH = 7 * DAY_US;

const overlaps = (segment: SegmentRef, range: Range): boolean => segment.rows > 0 && segment.range.from < range.to && segment.range.to > range.from;

/**
 * Moments that features are computed for: imported observations, and predictions by whichever service logged them. What
 * was scored in batch is a question about rows and no traffic: asked three times, it must not weigh three times.
 */
export const spineSegments = (catalogue: Catalogue, range: Range): SegmentRef[] =>
  catalogue.segments.filter((one) => (one.table === 'observations' || one.table === 'vectors') && !isBatch(one) && overlaps(one, range));

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

const rowsKey = (catalogue: Catalogue, range: Range): unknown => ({ endpoint: catalogue.endpoint, range, rows: spineSegments(catalogue, range).map(({ hash }) => hash) });

/**
 * Names the content that a partition's vectors depend on: the service, the rows, and the events that could be known
 * within it. There is no lower bound: what became known long ago may speak of a later time.
 */
export function partitionKey(catalogue: Catalogue, service: CompiledService, range: Range): string {
  const events = service.definition.sources.map(({ name }) =>
    catalogue.segments.filter((one) => one.table === 'events' && one.name === name && one.rows > 0 && one.range.from < range.to).map(({ hash }) => hash),
  );
  return hashOf({ v: 2, service: service.hash, rows: rowsKey(catalogue, range), events });
}

/**
 * The file of a partition's rows (prediction_id, at, keys, request), each prediction once, by (at, prediction_id); null
 * when there are none. A prediction has a vector per service, and an observation may be predicted later: the earliest
 * row of an id counts.
 */
export async function spineFile({ db, blobs, cacheDir }: Reader, catalogue: Catalogue, range: Range): Promise<string | null> {
  const hash = await remembered(join(cacheDir, 'spines'), hashOf({ v: 2, rows: rowsKey(catalogue, range) }), async () => {
    const segments = spineSegments(catalogue, range);
    if (segments.length === 0) return null;
    const files = await Promise.all(segments.map((one) => blobs.path(one.hash)));
    const path = blobs.temporary();
    try {
      const { rows } = await copyToParquet(
        db,
        `SELECT prediction_id, "at", keys, request FROM read_parquet(${fileList(files)}, union_by_name = true)
         WHERE endpoint = ${sqlString(catalogue.endpoint)} AND "at" >= ${range.from} AND "at" < ${range.to}
         QUALIFY row_number() OVER (PARTITION BY prediction_id ORDER BY "at", keys, request) = 1 ORDER BY "at", prediction_id`,
        path,
      );
      return rows === 0 ? null : (await blobs.putFile(path)).hash;
    } finally {
      await rm(path, { force: true });
    }
  });
  return hash === null ? null : blobs.path(hash);
}

/** Event files by source, of the whole catalogue: the replay reads only what can change a value. */
export async function eventFilesOf(reader: Reader, catalogue: Catalogue): Promise<Record<string, string[]>> {
  const events = catalogue.segments.filter(({ table }) => table === 'events');
  const files: Record<string, string[]> = {};
  for (const name of [...new Set(events.map((one) => one.name))].sort()) files[name] = await mergedFiles(reader, events.filter((one) => one.name === name));
  return files;
}
