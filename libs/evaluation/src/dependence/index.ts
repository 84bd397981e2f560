export { blockSums, mergeBlocks } from './blocks.ts';
export type { BlockSums } from './blocks.ts';
export { dependenceOf } from './dependence.ts';
export type { Dependence } from './dependence.ts';
export { meanInterval, requireRowUnit, unitOfEvidence } from './unit.ts';
export type { MeanInterval, UnitOfEvidence, UnitRule } from './unit.ts';
