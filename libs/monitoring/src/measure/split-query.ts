import { DAY_US } from '@mettle/contracts';
import type { LabelSpace, Range } from '@mettle/contracts';
import { labelCtes } from '@mettle/datasets';
import { sqlString } from '@mettle/duckdb';
import { scoreSql } from '../losses.ts';

/**
 * The live split since it began, by assigned arm (as planned, whoever answered). Rows: kind 'exposure' per day (first
 * exposures of sticky entities), 'service' (requests, slow ones in `labels`, erring ones) and 'coverage' (mature rows, labels,
 * dropped).
 */
export function splitQuery(tables: { predictions: string; labels: string }, question: { endpoint: string; live: Range; matureUntil: number; watermark: number; slowAfter: number | null; space: LabelSpace }): string {
  const { live, space } = question;
  const { score, usable } = scoreSql(space);
  return `
WITH served_rows AS MATERIALIZED (
    SELECT prediction_id, request_id, endpoint, keys, "at", sticky, assigned_arm, fallback OR error IS NOT NULL AS failed, ${question.slowAfter === null ? 'false' : `latency_us > ${question.slowAfter}`} AS slow, NOT (${usable(score)}) AS dropped
    FROM ${tables.predictions}
    WHERE endpoint = ${sqlString(question.endpoint)} AND served AND "at" >= ${live.from} AND "at" < ${live.to} AND assigned_arm IN ('champion', 'challenger')),
  ${labelCtes({ labels: tables.labels, rows: 'served_rows', asOf: question.watermark, from: live.from, space })},
  first_seen AS (
    SELECT sticky, min("at") AS at, arg_min(assigned_arm, {'t': "at", 'i': prediction_id}) AS arm FROM served_rows GROUP BY sticky)
SELECT 'exposure' AS kind, ("at" - ${live.from}) // ${DAY_US} AS day, arm, count(*) AS rows, 0 AS labels, 0 AS failed FROM first_seen GROUP BY ALL
UNION ALL
SELECT 'service', 0, assigned_arm, count(DISTINCT request_id), count(DISTINCT request_id) FILTER (WHERE slow), count(DISTINCT request_id) FILTER (WHERE failed) FROM served_rows GROUP BY ALL
UNION ALL
SELECT 'coverage', 0, assigned_arm, count(*), count(*) FILTER (WHERE n.value IS NOT NULL AND NOT dropped), count(*) FILTER (WHERE dropped)
  FROM served_rows LEFT JOIN named n USING (prediction_id) WHERE "at" < ${question.matureUntil} GROUP BY ALL
ORDER BY kind, day, arm`;
}
