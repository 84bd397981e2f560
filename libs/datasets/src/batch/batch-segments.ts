import { rm } from 'node:fs/promises';
import type { BlobStore } from '@mettle/blob-store';
import { batchName, versionKey, type SegmentRef, type VersionRef } from '@mettle/contracts';
import { copyToParquet, sqlName, sqlString, type Db } from '@mettle/duckdb';
import { compileService, type ServiceDefinition } from '@mettle/feature-language';
import { PREDICTION_COLUMNS, VECTOR_COLUMNS } from '../compact/tables.ts';
import type { BatchPart } from './batch-rows.ts';

export interface BatchSegmentsInput {
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly endpoint: string;
  readonly version: VersionRef;
  readonly definition: ServiceDefinition;
  readonly part: BatchPart;
  /** A table expression: prediction_id, p, error, probabilities of every row of the part. */
  readonly scores: string;
}

/**
 * The log of a scored part: the tables that online serving writes, with `origin` batch and nothing served, in segments
 * of their own. They hold no time but T, so the same rows and version give the same hashes whenever they are scored.
 */
export async function batchSegments({ db, blobs, endpoint, version, definition, part, scores }: BatchSegmentsInput): Promise<SegmentRef[]> {
  const { hash: service, features } = compileService(definition);
  const select = (columns: readonly { name: string; type: string }[], values: Readonly<Record<string, string>>): string =>
    columns.map(({ name, type }) => `${values[name] ?? 'NULL'}::${type} AS ${sqlName(name)}`).join(', ');
  const own = { prediction_id: 'r.prediction_id', at: 'r."at"', endpoint: sqlString(endpoint), keys: 'r.keys' };
  const predictions = select(PREDICTION_COLUMNS, {
    ...own, keys: "coalesce(r.keys, '{}')", request_id: 'r.request_id', row: 'r."row"', server: "'batch'", version: sqlString(versionKey(version)), served: 'false', fallback: 'false',
    received_at: 'r."at"', p: 's.p', error: 's.error', origin: "'batch'", service: sqlString(service), probabilities: 's.probabilities',
  });
  const vectors = select(VECTOR_COLUMNS, { ...own, request: 'r.request', statuses: 't.statuses' });
  const columns = features.map(({ name }) => `v.${sqlName(`f_${name}`)}`).join(', ');
  const segments = [
    await write('predictions', batchName(null), `SELECT ${predictions} FROM ${part.rows} r JOIN ${scores} s USING (prediction_id) ORDER BY r."at", r.prediction_id`),
    await write('vectors', batchName(service), `SELECT ${vectors}, ${columns} FROM ${part.rows} r JOIN ${part.features} v USING (prediction_id) JOIN ${part.statuses} t USING (prediction_id) WHERE r.keys IS NOT NULL ORDER BY r."at", r.prediction_id`),
  ];
  return segments.filter((segment) => segment !== null);

  async function write(table: 'predictions' | 'vectors', name: string, query: string): Promise<SegmentRef | null> {
    const path = blobs.temporary();
    try {
      await copyToParquet(db, query, path);
      const [extent] = await db.all<{ rows: number; first: number | null; last: number | null }>(`SELECT count(*) AS rows, min("at") AS first, max("at") AS last FROM read_parquet(${sqlString(path)})`);
      if (extent === undefined || extent.first === null || extent.last === null) return null;
      const { hash, bytes } = await blobs.putFile(path);
      return { table, name, hash, bytes, rows: extent.rows, range: { from: extent.first, to: extent.last + 1 }, sequences: { from: 0, to: 0 } };
    } finally {
      await rm(path, { force: true });
    }
  }
}
