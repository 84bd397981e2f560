import type { BlobStore } from '@mettle/blob-store';
import type { LabelSpace, SegmentRef, SegmentTable } from '@mettle/contracts';
import type { Engine } from './engine.ts';

export interface Tally {
  /** Distinct predictions that were served, and observations. */
  readonly predictions: number;
  readonly observations: number;
  /** Distinct labels, whatever their revisions. */
  readonly labels: number;
  /** Labels of predictions that are not known (yet): kept, and joined when the prediction comes. */
  readonly parkedLabels: number;
  /** Labels by the id of a prediction whose T their outcome precedes: kept, and never counted as its outcome. */
  readonly earlyLabels: number;
  /** Labels whose value is none of the task, pushed to another endpoint by the id of a prediction of this one: never counted. */
  readonly unfitLabels: number;
}

const NOTHING: Tally = { predictions: 0, observations: 0, labels: 0, parkedLabels: 0, earlyLabels: 0, unfitLabels: 0 };

/**
 * Counts of an endpoint over sealed segments. The targets of labels are predictions, scored in batch too, and
 * observations, by id or by keys and T.
 * The logs of labels and observations are shared: to tell a parked label from one of another endpoint, `segments` holds the
 * predictions of all.
 */
export async function tallyOf({ endpoint, space }: { readonly endpoint: string; readonly space: LabelSpace }, segments: readonly SegmentRef[], { blobs, engine }: { readonly blobs: BlobStore; readonly engine: Engine }): Promise<Tally> {
  const filesOf = (table: SegmentTable): Promise<string[]> => Promise.all([...new Set(segments.filter((segment) => segment.table === table && segment.rows > 0).map((segment) => segment.hash))].map((hash) => blobs.path(hash)));
  const [predictions, observations, labels] = await Promise.all([filesOf('predictions'), filesOf('observations'), filesOf('labels')]);
  if (predictions.length + observations.length + labels.length === 0) return NOTHING;
  const [{ fileList, sqlString }, { labelFits }] = await Promise.all([import('@mettle/duckdb'), import('@mettle/datasets')]);
  const db = await engine.open();
  const target = 'prediction_id, endpoint, keys, "at"';
  const rows = (files: readonly string[], columns: string): string => (files.length === 0 ? `SELECT ${columns} FROM nothing` : `SELECT ${columns} FROM read_parquet(${fileList(files)}, union_by_name = true)`);
  const [counts] = await db.all<Tally>(`
    WITH nothing AS (SELECT NULL::VARCHAR AS label_id, NULL::VARCHAR AS prediction_id, NULL::VARCHAR AS endpoint, NULL::VARCHAR AS keys, NULL::BIGINT AS "at", NULL::BIGINT AS event_time, NULL::DOUBLE AS value, false AS served WHERE false),
      served AS (${rows(predictions, `${target}, served`)}), observed AS (${rows(observations, target)}),
      targets AS (SELECT DISTINCT ${target} FROM served UNION SELECT ${target} FROM observed),
      known AS (${rows(labels, `DISTINCT label_id, event_time, value, ${target}`)}),
      placed AS (
        SELECT label_id, t.endpoint, event_time < t.first AS early, value FROM known l LEFT JOIN (SELECT prediction_id, endpoint, min("at") AS first FROM targets GROUP BY ALL) t USING (prediction_id) WHERE l.prediction_id IS NOT NULL
        UNION ALL
        SELECT label_id, t.endpoint, event_time < l."at", value FROM known l LEFT JOIN (SELECT DISTINCT endpoint, keys, "at" FROM targets) t ON t.endpoint = l.endpoint AND t.keys = l.keys AND t."at" = l."at" WHERE l.prediction_id IS NULL AND l.endpoint = ${sqlString(endpoint)})
    SELECT (SELECT count(DISTINCT prediction_id) FROM served WHERE served AND endpoint = ${sqlString(endpoint)})::INTEGER AS predictions,
      (SELECT count(DISTINCT prediction_id) FROM observed WHERE endpoint = ${sqlString(endpoint)})::INTEGER AS observations,
      (SELECT count(DISTINCT label_id) FROM placed WHERE endpoint IS NULL OR endpoint = ${sqlString(endpoint)})::INTEGER AS labels,
      (SELECT count(DISTINCT label_id) FROM placed WHERE endpoint IS NULL)::INTEGER AS "parkedLabels",
      (SELECT count(DISTINCT label_id) FROM placed WHERE early AND endpoint = ${sqlString(endpoint)})::INTEGER AS "earlyLabels",
      (SELECT count(DISTINCT label_id) FROM placed WHERE NOT ${labelFits(space, 'value')} AND endpoint = ${sqlString(endpoint)})::INTEGER AS "unfitLabels"`);
  return counts ?? NOTHING;
}
