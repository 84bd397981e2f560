import type { ComputeActivities, Hash, LabelSpace, MetricValue, SnapshotManifest, TimeUs, Value } from '@mettle/contracts';
import { fileList } from '@mettle/duckdb';
import { taskMetrics } from '@mettle/evaluation';
import type { ServiceDefinition } from '@mettle/feature-language';
import { checkOutputs, type LoadedModel } from '@mettle/inference';
import type { ComputeDeps } from './deps.ts';
import type { Memory } from './remember.ts';
import type { Records } from './records.ts';
import { answers, BATCH_ROWS, featureColumns, scoresOf } from './scoring.ts';
import type { ComputeHandlers } from '../handlers.ts';

type Output = Awaited<ReturnType<ComputeActivities['evaluateOffline']>>;

/**
 * Training metrics are recomputed when there are at most this many training rows; the holdout always. A trainer that
 * changed what it read shows in the holdout as well, and a year of retraining would otherwise be scored 40 times over.
 */
export const TRAINING_ROWS = 60_000;
const SMOKE_ROWS = 64;

/** Metrics of the file itself, through the serving runtime, on the rows that its trainer reported on. */
export function offlineActivity({ db, blobs }: ComputeDeps, records: Records, remember: Memory): Pick<ComputeHandlers, 'evaluateOffline'> {
  /** Labelled rows of [from, to) with their scores; labels are row-aligned with the partitions' concatenation. */
  const scored = async (model: LoadedModel, definition: ServiceDefinition, space: LabelSpace, manifest: SnapshotManifest, from: TimeUs, to: TimeUs) => {
    const all = { labels: [] as number[], scores: [] as number[] };
    let batch: { vectors: Value[][]; labels: number[] } = { vectors: [], labels: [] };
    const flush = async (): Promise<void> => {
      if (batch.vectors.length === 0) return;
      for (const score of await scoresOf(model, space, batch.vectors)) all.scores.push(score);
      for (const label of batch.labels) all.labels.push(label);
      batch = { vectors: [], labels: [] };
    };
    const files = await records.paths(manifest.partitions.map(({ hash }) => hash));
    const columns = featureColumns(definition);
    const sql = `SELECT l.label::DOUBLE, ${columns.join(', ')} FROM (SELECT * FROM read_parquet(${fileList(files)}) WHERE "at" >= ? AND "at" < ?) v
      JOIN (SELECT prediction_id, label FROM read_parquet(${fileList([await blobs.path(manifest.labels)])}) WHERE label IS NOT NULL) l USING (prediction_id) ORDER BY v."at", prediction_id`;
    for await (const chunk of db.stream(sql, [from, to])) {
      const [labels = [], ...features] = chunk.columns;
      for (let row = 0; row < chunk.rows; row += 1) {
        batch.vectors.push(features.map((column) => (column[row] ?? null) as Value));
        batch.labels.push(labels[row] as number);
      }
      if (batch.vectors.length >= BATCH_ROWS) await flush();
    }
    await flush();
    return all;
  };

  const smoke = async (model: LoadedModel, definition: ServiceDefinition, manifest: SnapshotManifest): Promise<Output['smoke']> => {
    const files = await records.paths(manifest.partitions.slice(-1).map(({ hash }) => hash));
    if (files.length === 0) return { rows: 0, finite: false, p50Us: 0 };
    const columns = featureColumns(definition);
    const rows = await db.all<Record<string, Value>>(`SELECT ${columns.map((column, i) => `${column} AS c${i}`).join(', ')} FROM read_parquet(${fileList(files)}) LIMIT ${SMOKE_ROWS}`);
    const times: number[] = [];
    let finite = rows.length > 0;
    for (const row of rows) {
      const vector = columns.map((_, i) => row[`c${i}`] ?? null);
      const began = performance.now();
      finite &&= (await answers(model, [vector])).every(({ p, error }) => error === null && p !== null && Number.isFinite(p));
      times.push((performance.now() - began) * 1000);
    }
    times.sort((a, b) => a - b);
    return { rows: rows.length, finite, p50Us: Math.round(times[Math.floor(times.length / 2)] ?? 0) };
  };

  const metrics = (space: LabelSpace, named: readonly string[], rows: { labels: number[]; scores: number[] }): Record<string, MetricValue> =>
    (rows.scores.every(Number.isFinite) ? taskMetrics(space, rows, named) : {});

  return {
    evaluateOffline: (input) => remember('evaluateOffline', input, async () => {
      const { file, fitted, definition: blob, task, classes, metrics: named, snapshot, holdoutFrom } = input;
      const space: LabelSpace = { task, classes };
      const [definition, manifest] = await Promise.all([records.definition(blob), records.manifest(snapshot)]);
      const model = await records.model(file as Hash, fitted, definition);
      try {
        checkOutputs(space, model.signature);
        const holdout = metrics(space, named, await scored(model, definition, space, manifest, holdoutFrom, manifest.range.to));
        const trainingRows = manifest.partitions.filter(({ range }) => range.from < holdoutFrom).reduce((sum, { rows }) => sum + rows, 0);
        const training = trainingRows > TRAINING_ROWS ? {} : metrics(space, named, await scored(model, definition, space, manifest, manifest.range.from, holdoutFrom));
        return { signature: model.signature, training, holdout, smoke: await smoke(model, definition, manifest) };
      } finally {
        await model.close();
      }
    }),
  };
}
