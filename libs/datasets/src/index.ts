export { compact, type CompactInput } from './compact/compact.ts';
export { scoreOf } from './compact/prediction-drafts.ts';
export { EVENT_COLUMNS, FEATURE_COLUMN, LABEL_COLUMNS, OBSERVATION_COLUMNS, PREDICTION_COLUMNS, VECTOR_COLUMNS } from './compact/tables.ts';
