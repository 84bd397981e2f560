export { auc, midranks } from './auc.ts';
export { binaryMetrics, entropy } from './binary-metrics.ts';
export { CLIP, LOSSES, ROW_METRIC_NAMES, lossOf } from './loss.ts';
export type { LossName } from './loss.ts';
export { coverageGap, coverageOf, matureCohort, wholeLooks } from './maturity.ts';
export { mergeSlots, slotOf, slotSums, slotsWithin } from './slot-series.ts';
export type { PairedLoss } from './slot-series.ts';
export { ownLoss, slotAutocorrelations, slotInfluences, summariseSlots } from './slot-summary.ts';
export type { SlotSummary } from './slot-summary.ts';
