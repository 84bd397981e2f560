import type { TimeUs } from '@mettle/contracts';
import { sqlString } from '@mettle/duckdb';

/**
 * CTEs that end in `named(prediction_id, value)`: rows of `spine` (prediction_id, at, keys) with their label as known at
 * asOf. A label names its prediction by id, or by endpoint, keys and T; of all that are known, the greatest
 * (knownAt, sequence) counts.
 */
export const labelsAsOf = (labels: string, spine: string, endpoint: string, asOf: TimeUs): string => `
  known AS MATERIALIZED (SELECT prediction_id, endpoint, keys, "at", value, known_at, sequence FROM ${labels} WHERE known_at <= ${asOf}),
  targeted AS (
    SELECT prediction_id, value, known_at, sequence FROM known WHERE prediction_id IS NOT NULL
    UNION ALL
    SELECT s.prediction_id, l.value, l.known_at, l.sequence FROM known l JOIN ${spine} s ON s."at" = l."at" AND s.keys = l.keys
    WHERE l.prediction_id IS NULL AND l.endpoint = ${sqlString(endpoint)}),
  named AS (SELECT prediction_id, arg_max(value, {'k': known_at, 's': sequence}) AS value FROM targeted GROUP BY prediction_id)`;
