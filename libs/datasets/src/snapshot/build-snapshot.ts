import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '@mettle/blob-store';
import { hashOf, MettleError, type Catalogue, type Profile, type Range, type Snapshot, type SnapshotManifest, type TimeUs } from '@mettle/contracts';
import { copyToParquet, fileList, sqlString, tableOf, type Column, type Db } from '@mettle/duckdb';
import { compileService, type CompiledService, type FeatureType, type ServiceDefinition } from '@mettle/feature-language';
import { joinPointInTime } from '@mettle/feature-store';
import { profileNew } from '../profile/freeze-edges.ts';
import { eventFilesOf, partitionKey, partitionsOf, writeSpine } from './spine.ts';

export interface BuildSnapshotInput {
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly catalogue: Catalogue;
  readonly definition: ServiceDefinition;
  /** Labels count as known at this time. */
  readonly asOf: TimeUs;
  /** T of the rows. */
  readonly range: Range;
  /** Where joined partitions are remembered by their inputs. */
  readonly cacheDir: string;
}

type Partition = SnapshotManifest['partitions'][number];

export const COLUMN_TYPES: Record<FeatureType, Column['type']> = { float64: 'DOUBLE', int64: 'BIGINT', bool: 'BOOLEAN', string: 'VARCHAR' };
const LABELS: Column[] = [
  { name: 'prediction_id', type: 'VARCHAR' }, { name: 'endpoint', type: 'VARCHAR' }, { name: 'keys', type: 'VARCHAR' }, { name: 'at', type: 'BIGINT' },
  { name: 'value', type: 'DOUBLE' }, { name: 'known_at', type: 'BIGINT' }, { name: 'sequence', type: 'BIGINT' },
];

/** Remembers small results by a key, in a folder; a torn write is never seen. */
export async function remembered<T>(folder: string, key: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${key}.json`);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    const result = await work();
    await writeFile(`${path}.${process.pid}`, JSON.stringify(result));
    await rename(`${path}.${process.pid}`, path);
    return result;
  }
}

/** Joins one partition, or finds it joined: the same inputs give the same bytes. Null when it holds no row. */
async function joinPartition(input: BuildSnapshotInput, service: CompiledService, eventFiles: Record<string, string[]>, range: Range): Promise<Partition | null> {
  const { db, blobs, catalogue, definition } = input;
  return remembered(join(input.cacheDir, 'partitions'), partitionKey(catalogue, service, range), async () => {
    const spine = await writeSpine(db, blobs, catalogue, range);
    if (spine === null) return null;
    const out = blobs.temporary();
    const { rows } = await joinPointInTime({ db, definition, eventFiles, spine: { files: [spine] }, out });
    const { hash } = await blobs.putFile(out);
    return { hash, rows, range };
  });
}

/**
 * A data version: the vectors of every observation and prediction with T in the range, as known at each T, and the
 * labels as known at asOf. Of all revisions of a label, the greatest (knownAt, sequence) not after asOf counts.
 * @throws MettleError NO_TRAINING_DATA when the range holds no row
 */
export async function buildSnapshot(input: BuildSnapshotInput): Promise<Snapshot> {
  const { db, blobs, catalogue, definition, asOf, range } = input;
  const service = compileService(definition);
  const eventFiles = await eventFilesOf(blobs, catalogue);
  const partitions: Partition[] = [];
  for (const part of partitionsOf(catalogue, range)) {
    const partition = await joinPartition(input, service, eventFiles, part);
    if (partition !== null) partitions.push(partition);
  }
  if (partitions.length === 0) throw new MettleError('NO_TRAINING_DATA', `no row of '${catalogue.endpoint}' has its T in the range`, { endpoint: catalogue.endpoint, from: range.from, to: range.to });
  const files = await Promise.all(partitions.map(({ hash }) => blobs.path(hash)));
  const labels = await alignLabels(input, files);
  return describe({ db, blobs, service, files }, { v: 1, service: service.hash, asOf, range, origin: 'joined', partitions, ...labels, columns: columnsOf(service) });
}

/** Labels row-aligned with the partitions' concatenation, null where none is known. */
async function alignLabels({ db, blobs, catalogue, asOf, range }: BuildSnapshotInput, vectors: readonly string[]): Promise<{ labels: string; labelled: number; rows: number }> {
  const files = await Promise.all(catalogue.segments.filter((one) => one.table === 'labels' && one.rows > 0 && one.range.from <= asOf).map((one) => blobs.path(one.hash)));
  // Only labels that name a row by its keys need the rows' keys.
  const spine = await Promise.all(catalogue.segments.filter((one) => (one.table === 'observations' || one.table === 'vectors') && one.rows > 0).map((one) => blobs.path(one.hash)));
  const known = `SELECT * FROM ${tableOf(files, LABELS)} WHERE known_at <= ${asOf}`;
  const byKeys = spine.length === 0 ? '' : `UNION ALL SELECT s.prediction_id, l.value, l.known_at, l.sequence
      FROM (${known} AND prediction_id IS NULL) l JOIN (SELECT DISTINCT prediction_id, keys, "at" FROM read_parquet(${fileList(spine)}, union_by_name = true)
        WHERE endpoint = ${sqlString(catalogue.endpoint)} AND EXISTS (${known} AND prediction_id IS NULL)) s ON s.keys = l.keys AND s."at" = l."at" AND l.endpoint = ${sqlString(catalogue.endpoint)}`;
  const path = blobs.temporary();
  await copyToParquet(
    db,
    `WITH targeted AS (SELECT prediction_id, value, known_at, sequence FROM (${known} AND prediction_id IS NOT NULL) ${byKeys}),
       latest AS (SELECT prediction_id, arg_max(value, {'k': known_at, 's': sequence}) AS label FROM targeted GROUP BY prediction_id)
     SELECT v.prediction_id, l.label FROM (SELECT prediction_id, "at" FROM read_parquet(${fileList(vectors)}) WHERE "at" >= ${range.from} AND "at" < ${range.to}) v
       LEFT JOIN latest l USING (prediction_id) ORDER BY v."at", v.prediction_id`,
    path,
  );
  const [counts] = await db.all<{ rows: number; labelled: number }>(`SELECT count(*)::INTEGER AS rows, count(label)::INTEGER AS labelled FROM read_parquet(${sqlString(path)})`);
  return { labels: (await blobs.putFile(path)).hash, rows: counts?.rows ?? 0, labelled: counts?.labelled ?? 0 };
}

export const columnsOf = (service: CompiledService): SnapshotManifest['columns'] => service.features.map(({ name, type }) => ({ name, type }));

/** Stores the manifest and the profile whose edges later windows are compared in. */
export async function describe(
  { db, blobs, service, files }: { db: Db; blobs: BlobStore; service: CompiledService; files: readonly string[] },
  manifest: SnapshotManifest,
): Promise<Snapshot> {
  const hash = await blobs.putJson(manifest);
  const columns = await profileNew(db, `read_parquet(${fileList(files)})`, service.features.map(({ name, category }) => ({ name, column: `f_${name}`, role: 'input' as const, category })));
  const profile: Profile = { v: 1, subject: { snapshot: hash }, columns };
  const { service: of, asOf, range, rows, labelled } = manifest;
  return { v: 1, manifest: hash, service: of, asOf, range, rows, labelled, schema: hashOf(manifest.columns), profile: await blobs.putJson(profile) };
}
