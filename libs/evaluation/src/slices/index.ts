export { binnedColumn, sliceColumn } from './column.ts';
export type { SliceColumn } from './column.ts';
export { confirmSlices } from './confirm.ts';
export type { Confirmation, ConfirmRule, LaterRows } from './confirm.ts';
export { findSlices } from './find.ts';
export type { Condition, FindOptions, Found, Slice } from './find.ts';
export { sliceScore } from './score.ts';
