/**
 * CTEs that end in `named(prediction_id, value)`: each prediction of `predictions` (prediction_id, endpoint, keys, at)
 * with the label known at the watermark. Labels name a prediction by its id, or by (endpoint, keys, T); of all that
 * were known, the greatest (knownAt, sequence) counts.
 * @param labels a table expression; `watermark`, `from` are integers: labels known before `from` belong to older rows
 */
export const labelCtes = (labels: string, predictions: string, { watermark, from }: { watermark: number; from: number }): string => `
  known_labels AS MATERIALIZED (
    SELECT prediction_id, endpoint, keys, "at", value, known_at, sequence FROM ${labels} WHERE known_at <= ${watermark} AND known_at >= ${from}),
  targeted AS (
    SELECT prediction_id, value, known_at, sequence FROM known_labels WHERE prediction_id IS NOT NULL
    UNION ALL
    SELECT s.prediction_id, l.value, l.known_at, l.sequence FROM known_labels l JOIN ${predictions} s ON s.endpoint = l.endpoint AND s.at = l.at AND s.keys = l.keys WHERE l.prediction_id IS NULL),
  named AS (
    SELECT prediction_id, arg_max(value, {'k': known_at, 's': sequence}) AS value FROM targeted GROUP BY prediction_id)`;
