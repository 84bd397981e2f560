import type { LabelSpace, Policy, Range } from '@mettle/contracts';
import { labelCtes } from '@mettle/datasets';
import { sqlString } from '@mettle/duckdb';
import { lossSql, scoreSql } from '../losses.ts';
import type { LossSql } from '../losses.ts';
import type { SegmentColumn } from './segment-columns.ts';

/** Metrics of a policy with their row losses, each once. */
export const policyLosses = (policy: Policy, space: LabelSpace): LossSql[] =>
  [...new Set([policy.success.metric, ...policy.guardrails.map(({ metric }) => metric)])].map((metric) => lossSql(space, metric));

export interface PairTables {
  readonly predictions: string;
  readonly labels: string;
  readonly vectors: string;
}

export interface PairQuestion {
  readonly endpoint: string;
  readonly champion: string;
  readonly candidate: string;
  readonly cohort: Range;
  readonly watermark: number;
  readonly slotWidth: number;
  readonly space: LabelSpace;
  readonly metrics: readonly LossSql[];
  readonly segments: readonly SegmentColumn[];
}

/**
 * One query for a whole comparison. Rows: level 0 (slot, no segment), levels 1..n (slot by the n-th segment column), and
 * level -1 (one row with the counts of coverage). Per metric k: `a{k}`, `b{k}` = sums of the champion's and the
 * candidate's losses in the metric's units over rows that both scored and that are labelled.
 */
export function pairQuery(tables: PairTables, question: PairQuestion): string {
  const { cohort, champion, candidate, space, metrics, segments } = question;
  const version = (name: string): string => `version = ${sqlString(name)}`;
  const { score, usable } = scoreSql(space);
  const scoreOf = (name: string): string => `max(${score}) FILTER (WHERE ${version(name)} AND error IS NULL AND ${usable(score)})`;
  const join = segments.some(({ needsVectors }) => needsVectors);
  const names = segments.map((_, k) => `g${k}`);
  const losses = metrics.flatMap(({ units }, k) => [`${units('value', 'pa')} AS a${k}`, `${units('value', 'pb')} AS b${k}`]);
  const sums = metrics.flatMap((_, k) => [`sum(a${k})::DOUBLE AS a${k}`, `sum(b${k})::DOUBLE AS b${k}`]);
  const sets = ['(slot)', ...names.map((name) => `(slot, ${name})`)];
  const level = names.length === 0 ? '0' : `CASE ${names.map((name, k) => `WHEN GROUPING(${name}) = 0 THEN ${k + 1}`).join(' ')} ELSE 0 END`;
  const segment = names.length === 0 ? 'NULL' : `CASE ${names.map((name) => `WHEN GROUPING(${name}) = 0 THEN ${name}`).join(' ')} END`;
  return `
WITH scored AS MATERIALIZED (
    SELECT prediction_id, any_value(endpoint) AS endpoint, any_value("at") AS at, any_value(keys) AS keys,
      count(*) FILTER (WHERE ${version(champion)}) > 0 AS has_a, count(*) FILTER (WHERE ${version(candidate)}) > 0 AS has_b,
      ${scoreOf(champion)} AS pa, ${scoreOf(candidate)} AS pb
    FROM ${tables.predictions}
    WHERE endpoint = ${sqlString(question.endpoint)} AND "at" >= ${cohort.from} AND "at" < ${cohort.to} AND version IN (${sqlString(champion)}, ${sqlString(candidate)})
    GROUP BY prediction_id),
  ${labelCtes({ labels: tables.labels, rows: 'scored', asOf: question.watermark, from: cohort.from, space })},
  labelled AS (SELECT s.*, n.value FROM scored s LEFT JOIN named n USING (prediction_id)),
  paired AS (
    SELECT s.at // ${question.slotWidth} * ${question.slotWidth} AS slot${segments.map(({ sql }, k) => `, coalesce(${sql}, '') AS g${k}`).join('')}, ${losses.join(', ')}
    FROM labelled s ${join ? `LEFT JOIN (SELECT * FROM ${tables.vectors} WHERE "at" >= ${cohort.from} AND "at" < ${cohort.to} QUALIFY row_number() OVER (PARTITION BY prediction_id) = 1) v USING (prediction_id)` : ''}
    WHERE s.value IS NOT NULL AND s.pa IS NOT NULL AND s.pb IS NOT NULL)
SELECT ${level} AS level, slot, ${segment} AS segment, count(*) AS rows, ${sums.join(', ')} FROM paired GROUP BY GROUPING SETS (${sets.join(', ')})
UNION ALL
SELECT -1, count(*) FILTER (WHERE has_a), NULL, count(*) FILTER (WHERE has_b),
  (count(*) FILTER (WHERE has_a AND pa IS NOT NULL AND value IS NOT NULL))::DOUBLE, (count(*) FILTER (WHERE has_b AND pb IS NOT NULL AND value IS NOT NULL))::DOUBLE
  ${metrics.slice(1).map(() => ', NULL, NULL').join('')} FROM labelled
UNION ALL
SELECT -2, count(*) FILTER (WHERE has_a AND pa IS NULL), NULL, count(*) FILTER (WHERE has_b AND pb IS NULL), NULL, NULL ${metrics.slice(1).map(() => ', NULL, NULL').join('')} FROM labelled
ORDER BY level, segment, slot`;
}
