export { CRAMERS_V, cramersV } from './cramers-v.ts';
export { HELLINGER, L_INFINITY, TOTAL_VARIATION, hellinger, lInfinity, totalVariation } from './differences.ts';
export { JENSEN_SHANNON, KL, PSI, jensenShannonDistance, jensenShannonDivergence, klDivergence, psiWith } from './divergences.ts';
export { sharesOf } from './shares.ts';
export type { ZeroRule } from './shares.ts';
export { ENERGY, WASSERSTEIN, areaBetween, energyDistance, wasserstein, wassersteinBinned, wassersteinNormalised } from './wasserstein.ts';
