import type { BlobStore } from '@mettle/blob-store';
import type { SegmentRef, SegmentTable } from '@mettle/contracts';
import type { Engine } from './engine.ts';

export interface Tally {
  /** Distinct predictions that were served, and observations. */
  readonly predictions: number;
  readonly observations: number;
  /** Distinct labels, whatever their revisions. */
  readonly labels: number;
  /** Labels of predictions that are not known (yet): kept, and joined when the prediction comes. */
  readonly parkedLabels: number;
}

/** Counts over sealed segments. The targets of labels are predictions, scored in batch too, and observations, by id or by keys and T. */
export async function tallyOf(segments: readonly SegmentRef[], { blobs, engine }: { readonly blobs: BlobStore; readonly engine: Engine }): Promise<Tally> {
  const filesOf = (table: SegmentTable): Promise<string[]> => Promise.all(segments.filter((segment) => segment.table === table).map((segment) => blobs.path(segment.hash)));
  const [predictions, observations, labels] = await Promise.all([filesOf('predictions'), filesOf('observations'), filesOf('labels')]);
  if (predictions.length + observations.length + labels.length === 0) return { predictions: 0, observations: 0, labels: 0, parkedLabels: 0 };
  const { fileList } = await import('@mettle/duckdb');
  const db = await engine.open();
  const rows = (files: readonly string[], columns: string, where = ''): string => (files.length === 0 ? '' : `SELECT ${columns} FROM read_parquet(${fileList(files)}) ${where}`);
  const count = async (query: string): Promise<number> => (query === '' ? 0 : ((await db.all<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM (${query})`))[0]?.n ?? 0));
  const targets = [rows(predictions, 'prediction_id, keys, "at"'), rows(observations, 'prediction_id, keys, "at"')].filter((query) => query !== '').join(' UNION ALL ');
  const parked = labels.length === 0 ? '' : targets === ''
    ? rows(labels, 'DISTINCT label_id')
    : `WITH l AS (${rows(labels, 'DISTINCT label_id, prediction_id, keys, "at"')}), t AS (${targets})
       SELECT label_id FROM l WHERE CASE WHEN prediction_id IS NULL THEN (keys, "at") NOT IN (SELECT keys, "at" FROM t) ELSE prediction_id NOT IN (SELECT prediction_id FROM t) END`;
  return {
    predictions: await count(rows(predictions, 'DISTINCT prediction_id', 'WHERE served')),
    observations: await count(rows(observations, 'DISTINCT prediction_id')),
    labels: await count(rows(labels, 'DISTINCT label_id')),
    parkedLabels: await count(parked),
  };
}
