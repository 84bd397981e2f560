export { openAppendLog, type AppendLog, type AppendLogOptions, type SealedPiece } from './append/append-log.ts';
export { readPiece } from './append/lines.ts';
export { sealToBlobs } from './append/seal.ts';
