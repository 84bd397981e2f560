import type { Column, ColumnType } from '@mettle/duckdb';
import type { FeatureType, KeyType, ScalarType } from '@mettle/feature-language';

/** The fixed columns of the Parquet tables. Every time is BIGINT µs. */
const column = (name: string, type: ColumnType): Column => ({ name, type });

export const FEATURE_COLUMN: Record<FeatureType, ColumnType> = { float64: 'DOUBLE', int64: 'BIGINT', bool: 'BOOLEAN', string: 'VARCHAR' };
export const VALUE_COLUMN: Record<ScalarType, ColumnType> = { ...FEATURE_COLUMN, timestamp: 'BIGINT' };
export const KEY_COLUMN: Record<KeyType, ColumnType> = { string: 'VARCHAR', int64: 'BIGINT' };

/** Followed by k_<key> and v_<column>; sorted by sequence. */
export const EVENT_COLUMNS: readonly Column[] = [
  column('sequence', 'BIGINT'), column('partition', 'INTEGER'), column('event_id', 'VARCHAR'), column('op', 'VARCHAR'), column('revision', 'INTEGER'),
  column('event_time', 'BIGINT'), column('known_at', 'BIGINT'), column('published_at', 'BIGINT'),
];

/** Sorted by sequence. prediction_id is null where the label names its prediction by endpoint, keys and at. */
export const LABEL_COLUMNS: readonly Column[] = [
  column('label_id', 'VARCHAR'), column('prediction_id', 'VARCHAR'), column('endpoint', 'VARCHAR'), column('keys', 'VARCHAR'), column('at', 'BIGINT'),
  column('value', 'DOUBLE'), column('revision', 'INTEGER'), column('event_time', 'BIGINT'), column('known_at', 'BIGINT'), column('sequence', 'BIGINT'), column('source', 'VARCHAR'),
];

/** Sorted by (at, prediction_id). */
export const OBSERVATION_COLUMNS: readonly Column[] = [
  column('prediction_id', 'VARCHAR'), column('request_id', 'VARCHAR'), column('endpoint', 'VARCHAR'), column('at', 'BIGINT'), column('keys', 'VARCHAR'), column('request', 'VARCHAR'),
];

/** One row per prediction and scored version, sorted by (at, prediction_id, version); exactly one of a prediction's rows was served, none of one that was scored in batch alone. `probabilities`: those of three or more classes, as a JSON array. */
export const PREDICTION_COLUMNS: readonly Column[] = [
  column('prediction_id', 'VARCHAR'), column('request_id', 'VARCHAR'), column('row', 'INTEGER'), column('endpoint', 'VARCHAR'), column('epoch', 'BIGINT'), column('server', 'VARCHAR'),
  column('bucket', 'INTEGER'), column('sticky', 'VARCHAR'), column('assigned_arm', 'VARCHAR'), column('served_arm', 'VARCHAR'), column('arm', 'VARCHAR'), column('version', 'VARCHAR'),
  column('served', 'BOOLEAN'), column('fallback', 'BOOLEAN'), column('received_at', 'BIGINT'), column('at', 'BIGINT'), column('latency_us', 'BIGINT'), column('p', 'DOUBLE'),
  column('error', 'VARCHAR'), column('origin', 'VARCHAR'), column('keys', 'VARCHAR'), column('service', 'VARCHAR'), column('probabilities', 'VARCHAR'),
];

/** Followed by f_<feature>; one row per prediction and service, sorted by (at, prediction_id). `statuses`: one digit per feature. `position` is null where the row was scored in batch, as known at its T. */
export const VECTOR_COLUMNS: readonly Column[] = [
  column('prediction_id', 'VARCHAR'), column('at', 'BIGINT'), column('endpoint', 'VARCHAR'), column('keys', 'VARCHAR'), column('request', 'VARCHAR'),
  column('position', 'BIGINT'), column('generation', 'BIGINT'), column('statuses', 'VARCHAR'),
];
