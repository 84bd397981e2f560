export { compact, type CompactInput } from './compact/compact.ts';
export { scoreOf } from './compact/prediction-drafts.ts';
export { EVENT_COLUMNS, FEATURE_COLUMN, LABEL_COLUMNS, OBSERVATION_COLUMNS, PREDICTION_COLUMNS, VECTOR_COLUMNS } from './compact/tables.ts';
export { profileNew, type NewColumn } from './profile/freeze-edges.ts';
export { profileTable, type ProfiledColumn } from './profile/profile-table.ts';
export { buildSnapshot, type BuildSnapshotInput } from './snapshot/build-snapshot.ts';
export { exportSnapshot, importSnapshot } from './snapshot/exchange.ts';
export { auditVectors, proveParity } from './snapshot/prove.ts';
export { parkedLabels } from './snapshot/parked-labels.ts';
