import type { LabelSpace, TimeUs } from '@mettle/contracts';
import { labelFits } from './label-fits.ts';

export interface LabelQuestion {
  /** Table expression of labels, by the columns of LABEL_COLUMNS. */
  readonly labels: string;
  /** Table expression of the rows that want a label: prediction_id, endpoint, keys, "at". */
  readonly rows: string;
  /** What became known later does not count. */
  readonly asOf: TimeUs;
  /** Labels known before it belong to older rows. */
  readonly from?: TimeUs;
  /** What labels can be; null: any number. */
  readonly space: LabelSpace | null;
}

/**
 * CTEs that end in `named(prediction_id, value)`: the rows that have a label, with it. A label names its prediction by id,
 * or by endpoint, keys and T; its outcome does not precede T, and its value is one of the task's. What was pushed by id
 * alone could not be checked for that, and counts here as if it had been refused. Of all that remain and are known, the
 * greatest (knownAt, sequence) counts.
 */
export const labelCtes = ({ labels, rows, asOf, from, space }: LabelQuestion): string => `
  known_labels AS MATERIALIZED (
    SELECT prediction_id, endpoint, keys, "at", value, event_time, known_at, sequence FROM ${labels} WHERE known_at <= ${asOf}${from === undefined ? '' : ` AND known_at >= ${from}`}${space === null ? '' : ` AND ${labelFits(space, 'value')}`}),
  targeted AS (
    SELECT r.prediction_id, l.value, l.known_at, l.sequence FROM known_labels l JOIN ${rows} r ON r.prediction_id = l.prediction_id WHERE l.event_time >= r."at"
    UNION ALL
    SELECT r.prediction_id, l.value, l.known_at, l.sequence FROM known_labels l JOIN ${rows} r ON r.endpoint = l.endpoint AND r."at" = l."at" AND r.keys = l.keys
    WHERE l.prediction_id IS NULL AND l.event_time >= l."at"),
  named AS (SELECT prediction_id, arg_max(value, {'k': known_at, 's': sequence}) AS value FROM targeted GROUP BY prediction_id)`;
