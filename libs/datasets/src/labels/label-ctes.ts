import type { TimeUs } from '@mettle/contracts';

export interface LabelQuestion {
  /** Table expression of labels, by the columns of LABEL_COLUMNS. */
  readonly labels: string;
  /** Table expression of the rows that want a label: prediction_id, endpoint, keys, "at". */
  readonly rows: string;
  /** What became known later does not count. */
  readonly asOf: TimeUs;
  /** Labels known before it belong to older rows. */
  readonly from?: TimeUs;
}

/**
 * CTEs that end in `named(prediction_id, value)`: the rows that have a label, with it. A label names its prediction by id,
 * or by endpoint, keys and T, and its outcome does not precede T: one that does is another prediction's, and is no label,
 * as if it had been refused. Of all that remain and are known, the greatest (knownAt, sequence) counts.
 */
export const labelCtes = ({ labels, rows, asOf, from }: LabelQuestion): string => `
  known_labels AS MATERIALIZED (
    SELECT prediction_id, endpoint, keys, "at", value, event_time, known_at, sequence FROM ${labels} WHERE known_at <= ${asOf}${from === undefined ? '' : ` AND known_at >= ${from}`}),
  targeted AS (
    SELECT r.prediction_id, l.value, l.known_at, l.sequence FROM known_labels l JOIN ${rows} r ON r.prediction_id = l.prediction_id WHERE l.event_time >= r."at"
    UNION ALL
    SELECT r.prediction_id, l.value, l.known_at, l.sequence FROM known_labels l JOIN ${rows} r ON r.endpoint = l.endpoint AND r."at" = l."at" AND r.keys = l.keys
    WHERE l.prediction_id IS NULL AND l.event_time >= l."at"),
  named AS (SELECT prediction_id, arg_max(value, {'k': known_at, 's': sequence}) AS value FROM targeted GROUP BY prediction_id)`;
