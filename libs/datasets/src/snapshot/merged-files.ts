import type { BlobStore } from '@mettle/blob-store';
import { hashOf, type SegmentRef } from '@mettle/contracts';
import { copyToParquet, fileList, type Db } from '@mettle/duckdb';
import { cachedFile } from './cached-file.ts';

/** What reads segments through a folder of this worker's own; what is in the folder can be made again. */
export interface Reader {
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly cacheDir: string;
}

/** Segments per merged file: a year of daily segments is then read as about a dozen files and the last month's days. */
const GROUP = 32;

/**
 * Files that together hold the rows of the segments of one events or labels table. Segments are immutable and come in
 * order of sequence, so each full group is merged once, into a cached file, and stays.
 */
export async function mergedFiles({ db, blobs, cacheDir }: Reader, segments: readonly SegmentRef[]): Promise<string[]> {
  const ordered = segments.filter(({ rows }) => rows > 0).sort((a, b) => a.sequences.from - b.sequences.from || (a.hash < b.hash ? -1 : 1));
  const files: string[] = [];
  for (let start = 0; start < ordered.length; start += GROUP) {
    const group = ordered.slice(start, start + GROUP);
    const paths = await Promise.all(group.map(({ hash }) => blobs.path(hash)));
    if (group.length < GROUP) files.push(...paths);
    else {
      const key = hashOf(group.map(({ hash }) => hash));
      files.push(await cachedFile(cacheDir, `merged/${key}.parquet`, (path) => copyToParquet(db, `SELECT * FROM read_parquet(${fileList(paths)}, union_by_name = true) ORDER BY sequence`, path)));
    }
  }
  return files;
}
