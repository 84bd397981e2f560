import { rm } from 'node:fs/promises';
import type { BlobStore } from '@mettle/blob-store';
import { MettleError, SnapshotManifest, SpineManifest, type Catalogue } from '@mettle/contracts';
import { copyToParquet, sqlString, type Db } from '@mettle/duckdb';
import { hashOfService, type ServiceDefinition } from '@mettle/feature-language';
import { joinPointInTime, type EventFiles } from '@mettle/feature-store';
import { eventFilesOf, spineFile } from '../snapshot/spine.ts';

export type BatchSource = { readonly kind: 'spine'; readonly spine: string } | { readonly kind: 'snapshot'; readonly snapshot: string };

/** Rows to score that are held at once; each part makes its own segments. */
const PART_ROWS = 250_000;

/** A part of what is to be scored, as table expressions over files that stay until the next part is asked for. */
export interface BatchPart {
  /** prediction_id, request_id, row, at, keys, request; keys and request are null for rows of a data version that the endpoint does not know. */
  readonly rows: string;
  /** prediction_id, at, f_<feature>...: of every row. */
  readonly features: string;
  /** prediction_id, statuses: of rows whose keys are known. */
  readonly statuses: string;
}

export interface BatchInput {
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly catalogue: Catalogue;
  readonly definition: ServiceDefinition;
  readonly source: BatchSource;
  readonly cacheDir: string;
}

/**
 * The rows of a spine with their vectors as known at each T, or of a data version with the vectors that it holds.
 * @throws MettleError SERVICE_MISMATCH when the source is of another feature service; INVALID_INPUT when it is no such record
 */
export async function* batchParts(input: BatchInput): AsyncGenerator<BatchPart, void, undefined> {
  const { blobs, catalogue, definition, source } = input;
  const service = hashOfService(definition);
  const eventFiles = await eventFilesOf(input, catalogue);
  const manifest = source.kind === 'spine' ? await blobs.getJson(source.spine, SpineManifest) : await blobs.getJson(source.snapshot, SnapshotManifest);
  if (manifest.service !== service) throw new MettleError('SERVICE_MISMATCH', `the ${source.kind} is of another feature service than the version's`, { expected: service, found: manifest.service });
  if ('file' in manifest) {
    const file = sqlString(await blobs.path(manifest.file));
    for (let from = 0; from < manifest.rows; from += PART_ROWS) {
      yield* part(input, eventFiles, `SELECT prediction_id, request_id, "row", "at", keys, request FROM read_parquet(${file}, file_row_number = true) WHERE file_row_number >= ${from} AND file_row_number < ${from + PART_ROWS}`, null);
    }
    return;
  }
  for (const { hash, range } of manifest.partitions) {
    const [held, known] = [`read_parquet(${sqlString(await blobs.path(hash))})`, await spineFile(input, catalogue, range)];
    const named = known === null ? '(SELECT NULL::VARCHAR AS prediction_id, NULL::BIGINT AS "at", NULL::VARCHAR AS keys, NULL::VARCHAR AS request WHERE false)' : `read_parquet(${sqlString(known)})`;
    yield* part(input, eventFiles, `SELECT v.prediction_id, NULL::VARCHAR AS request_id, NULL::INTEGER AS "row", v."at", s.keys, s.request FROM ${held} v LEFT JOIN ${named} s USING (prediction_id, "at")`, held);
  }
}

/** Joins a part; the vectors are those given, or else the joined ones. Its files go when the consumer asks for the next. */
async function* part({ db, blobs, definition }: BatchInput, eventFiles: EventFiles, query: string, vectors: string | null): AsyncGenerator<BatchPart, void, undefined> {
  const [rows, known, joined] = [blobs.temporary(), blobs.temporary(), blobs.temporary()];
  try {
    await copyToParquet(db, `${query} ORDER BY "at", prediction_id`, rows);
    await copyToParquet(db, `SELECT * FROM read_parquet(${sqlString(rows)}) WHERE keys IS NOT NULL ORDER BY "at", prediction_id`, known);
    await joinPointInTime({ db, definition, eventFiles, spine: { files: [known] }, statuses: true, out: joined });
    const result = `read_parquet(${sqlString(joined)})`;
    yield { rows: `read_parquet(${sqlString(rows)})`, features: vectors ?? result, statuses: result };
  } finally {
    await Promise.all([rows, known, joined].map((path) => rm(path, { force: true })));
  }
}
