import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '@mettle/blob-store';
import { hashOf, MettleError, type Catalogue, type ColumnProfile, type LabelSpace, type Profile, type Range, type Snapshot, type SnapshotManifest, type TimeUs } from '@mettle/contracts';
import { copyToParquet, fileList, sqlString, tableOf, type Db } from '@mettle/duckdb';
import { compileService, type CompiledService, type ServiceDefinition } from '@mettle/feature-language';
import { joinPointInTime } from '@mettle/feature-store';
import { profileNew } from '../profile/freeze-edges.ts';
import { LABEL_COLUMNS } from '../compact/tables.ts';
import { labelCtes } from '../labels/label-ctes.ts';
import { mergedFiles } from './merged-files.ts';
import { remembered } from './remembered.ts';
import { eventFilesOf, partitionKey, partitionsOf, spineFile } from './spine.ts';

export interface BuildSnapshotInput {
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly catalogue: Catalogue;
  readonly definition: ServiceDefinition;
  /** Labels count as known at this time. */
  readonly asOf: TimeUs;
  /** T of the rows. */
  readonly range: Range;
  /** What labels can be: others count as unknown. By default any number. */
  readonly space?: LabelSpace | null;
  /** Where joined partitions are remembered by their inputs. */
  readonly cacheDir: string;
}

type Partition = SnapshotManifest['partitions'][number];

/** Joins one partition, or finds it joined: the same inputs give the same bytes. Null when it holds no row. */
async function joinPartition(input: BuildSnapshotInput, service: CompiledService, eventFiles: Record<string, string[]>, range: Range): Promise<Partition | null> {
  const { db, blobs, catalogue, definition } = input;
  return remembered(join(input.cacheDir, 'partitions'), partitionKey(catalogue, service, range), async () => {
    const spine = await spineFile(input, catalogue, range);
    if (spine === null) return null;
    const out = blobs.temporary();
    try {
      const { rows } = await joinPointInTime({ db, definition, eventFiles, spine: { files: [spine] }, out });
      const { hash } = await blobs.putFile(out);
      return { hash, rows, range };
    } finally {
      await rm(out, { force: true });
    }
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
  const eventFiles = await eventFilesOf(input, catalogue);
  const partitions: Partition[] = [];
  for (const part of partitionsOf(catalogue, range)) {
    const partition = await joinPartition(input, service, eventFiles, part);
    if (partition !== null) partitions.push(partition);
  }
  if (partitions.length === 0) throw new MettleError('NO_TRAINING_DATA', `no row of '${catalogue.endpoint}' has its T in the range`, { endpoint: catalogue.endpoint, from: range.from, to: range.to });
  const files = await Promise.all(partitions.map(({ hash }) => blobs.path(hash)));
  const [labels, profiled] = await Promise.all([alignLabels(input, partitions, files), profileOf(db, service, files)]);
  return describe(blobs, { v: 1, service: service.hash, asOf, range, origin: 'joined', partitions, ...labels, columns: columnsOf(service) }, profiled);
}

/** Labels row-aligned with the partitions' concatenation, null where none is known. */
async function alignLabels(input: BuildSnapshotInput, partitions: readonly Partition[], vectors: readonly string[]): Promise<{ labels: string; labelled: number; rows: number }> {
  const { db, blobs, catalogue, asOf, space = null } = input;
  const known = tableOf(await mergedFiles(input, catalogue.segments.filter((one) => one.table === 'labels' && one.range.from <= asOf)), LABEL_COLUMNS);
  // What labels name: the rows' keys and T.
  const spines = (await Promise.all(partitions.map(({ range }) => spineFile(input, catalogue, range)))).filter((file) => file !== null);
  const rows = `(SELECT *, ${sqlString(catalogue.endpoint)} AS endpoint FROM read_parquet(${fileList(spines)}))`;
  const path = blobs.temporary();
  try {
    await copyToParquet(
      db,
      `WITH ${labelCtes({ labels: known, rows, asOf, space })}
       SELECT v.prediction_id, n.value AS label FROM read_parquet(${fileList(vectors)}) v LEFT JOIN named n USING (prediction_id) ORDER BY v."at", v.prediction_id`,
      path,
    );
    const [counts] = await db.all<{ rows: number; labelled: number }>(`SELECT count(*) AS rows, count(label) AS labelled FROM read_parquet(${sqlString(path)})`);
    return { labels: (await blobs.putFile(path)).hash, rows: counts?.rows ?? 0, labelled: counts?.labelled ?? 0 };
  } finally {
    await rm(path, { force: true });
  }
}

export const columnsOf = (service: CompiledService): SnapshotManifest['columns'] => service.features.map(({ name, type }) => ({ name, type }));

/** The columns of a service's vectors, described for the first time. */
export const profileOf = (db: Db, service: CompiledService, files: readonly string[]): Promise<ColumnProfile[]> =>
  profileNew(db, `read_parquet(${fileList(files)})`, service.features.map(({ name, category }) => ({ name, column: `f_${name}`, role: 'input' as const, category })));

/** Stores the manifest and the profile whose edges later windows are compared in. */
export async function describe(blobs: BlobStore, manifest: SnapshotManifest, columns: ColumnProfile[]): Promise<Snapshot> {
  const hash = await blobs.putJson(manifest);
  const profile: Profile = { v: 1, subject: { snapshot: hash }, columns };
  const { service: of, asOf, range, rows, labelled } = manifest;
  return { v: 1, manifest: hash, service: of, asOf, range, rows, labelled, schema: hashOf(manifest.columns), profile: await blobs.putJson(profile) };
}
