export { ALPHAS, FAST_MEASURES, calibrateBinned, calibrateValues, dealtMeasures } from './drift-rules.ts';
export type { CalibrationRow, Sizes } from './drift-rules.ts';
export { asymptoticMisses } from './asymptotic-misses.ts';
export type { MissRow } from './asymptotic-misses.ts';
export { countPresetRates, valuePresetRates } from './fixed-rules.ts';
export type { PresetRow } from './fixed-rules.ts';
export { AUTOCORRELATED, LOGNORMAL, NORMAL, RARE, SHAPES, drawValues } from './populations.ts';
export type { Population, Shape } from './populations.ts';
