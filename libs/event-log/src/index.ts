export { openAppendLog, type AppendLog, type AppendLogOptions, type SealedPiece } from './append/append-log.ts';
export { readPiece } from './append/lines.ts';
export { sealToBlobs } from './append/seal.ts';
export { openEventLog, type EventLog, type EventLogOptions } from './events/event-log.ts';
export { openLabelLog, type LabelLog, type LabelLogOptions } from './labels/label-log.ts';
export { openObservationLog, type ObservationLog, type ObservationLogOptions, type ObservationRecord } from './observations/observation-log.ts';
