import { rm, writeFile } from 'node:fs/promises';
import type { BlobStore } from '@mettle/blob-store';
import { MettleError, SnapshotManifest, type Snapshot, type TimeUs } from '@mettle/contracts';
import { copyToParquet, fileList, sqlName, sqlString, type Db } from '@mettle/duckdb';
import { compileService, type ServiceDefinition } from '@mettle/feature-language';
import { FEATURE_COLUMN } from '../compact/tables.ts';
import { columnsOf, describe, profileOf } from './build-snapshot.ts';

/** One Parquet file with prediction_id, at, f_<feature>..., label: a data version to take elsewhere. @returns its path; the caller removes it */
export async function exportSnapshot({ db, blobs, snapshot }: { db: Db; blobs: BlobStore; snapshot: string }): Promise<string> {
  const manifest = await blobs.getJson(snapshot, SnapshotManifest);
  const files = await Promise.all(manifest.partitions.map(({ hash }) => blobs.path(hash)));
  const out = blobs.temporary();
  await copyToParquet(
    db,
    `SELECT v.*, l.label FROM read_parquet(${fileList(files)}) v JOIN read_parquet(${fileList([await blobs.path(manifest.labels)])}) l USING (prediction_id) ORDER BY v."at", v.prediction_id`,
    out,
  );
  return out;
}

/**
 * A training set that was made elsewhere, as a data version of origin `imported`: its vectors are a claim, which the
 * parity proof checks before a model that was trained on them may qualify.
 * @param bytes Parquet with prediction_id, at, f_<feature>... of the service, label
 * @throws MettleError INVALID_INPUT when it is no Parquet, or a prediction_id or T is missing or there twice; SIGNATURE_MISMATCH
 * when a column is missing, unknown or of another type; NOT_A_NUMBER for NaN and infinities. Nothing is left behind
 */
export async function importSnapshot(input: { db: Db; blobs: BlobStore; bytes: Uint8Array; definition: ServiceDefinition; asOf: TimeUs }): Promise<Snapshot> {
  const { db, blobs, definition, asOf } = input;
  const service = compileService(definition);
  const [draft, vectors, labels] = [blobs.temporary(), blobs.temporary(), blobs.temporary()];
  try {
    await writeFile(draft, input.bytes);
    const table = `read_parquet(${sqlString(draft)})`;
    const expected = new Map<string, string>([['prediction_id', 'VARCHAR'], ['at', 'BIGINT'], ['label', 'DOUBLE'], ...service.features.map(({ name, type }) => [`f_${name}`, FEATURE_COLUMN[type]] as const)]);
    const found = await db.all<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${table}`).catch((cause: unknown) => {
      throw new MettleError('INVALID_INPUT', 'the bytes are not a Parquet file', { bytes: input.bytes.length }, { cause });
    });
    for (const { column_name: name, column_type: type } of found) {
      if (!expected.has(name)) throw new MettleError('SIGNATURE_MISMATCH', `column ${name} is no feature of ${service.name}`, { column: name });
      if (expected.get(name) !== type) throw new MettleError('SIGNATURE_MISMATCH', `column ${name} is ${type}, the service says ${expected.get(name) ?? ''}`, { column: name, type });
      expected.delete(name);
    }
    const [missing] = expected.keys();
    if (missing !== undefined) throw new MettleError('SIGNATURE_MISMATCH', `column ${missing} is missing`, { column: missing });
    const numbers = [...service.features.filter(({ type }) => type === 'float64').map(({ name }) => sqlName(`f_${name}`)), 'label'];
    const [extent] = await db.all<{ rows: number; times: number; odd: number; labelled: number; first: number | null; last: number | null; ids: number }>(
      `SELECT count("at")::INTEGER AS times, count(*) FILTER (WHERE ${numbers.map((name) => `NOT isfinite(coalesce(${name}, 0))`).join(' OR ')})::INTEGER AS odd, count(*)::INTEGER AS rows, count(label)::INTEGER AS labelled, min("at")::DOUBLE AS first, max("at")::DOUBLE AS last, count(DISTINCT prediction_id)::INTEGER AS ids FROM ${table}`,
    );
    if (extent === undefined || extent.rows === 0 || extent.first === null || extent.last === null) throw new MettleError('INVALID_INPUT', 'the training set has no rows', {});
    if (extent.ids !== extent.rows || extent.times !== extent.rows) throw new MettleError('INVALID_INPUT', 'a prediction_id or a T is missing, or a prediction_id is there twice', { rows: extent.rows, ids: extent.ids, times: extent.times });
    if (extent.odd > 0) throw new MettleError('NOT_A_NUMBER', 'a feature or a label is NaN or infinite', { rows: extent.odd });

    const range = { from: extent.first, to: extent.last + 1 };
    await copyToParquet(db, `SELECT prediction_id, "at", ${service.features.map(({ name }) => sqlName(`f_${name}`)).join(', ')} FROM ${table} ORDER BY "at", prediction_id`, vectors);
    await copyToParquet(db, `SELECT prediction_id, label FROM ${table} ORDER BY "at", prediction_id`, labels);
    const partition = (await blobs.putFile(vectors)).hash;
    return await describe(blobs, {
      v: 1, service: service.hash, asOf, range, origin: 'imported', partitions: [{ hash: partition, rows: extent.rows, range }],
      labels: (await blobs.putFile(labels)).hash, rows: extent.rows, labelled: extent.labelled, columns: columnsOf(service),
    }, await profileOf(db, service, [await blobs.path(partition)]));
  } finally {
    await Promise.all([draft, vectors, labels].map((path) => rm(path, { force: true })));
  }
}
