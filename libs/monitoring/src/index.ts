export { measurePair } from './measure/measure-pair.ts';
export type { MeasurePairInput } from './measure/measure-pair.ts';
