export { ANDERSON_DARLING, andersonDarlingTest } from './anderson-darling.ts';
export { CHI_SQUARE, G_TEST, chiSquareTest, gTest } from './contingency.ts';
export type { ContingencyOptions } from './contingency.ts';
export { CRAMER_VON_MISES, cramerVonMisesTest } from './cramer-von-mises.ts';
export { FISHER, fisherTest } from './fisher.ts';
export { KS, ksExactSf, ksStatistic, ksTest } from './ks.ts';
export { MANN_WHITNEY, mannWhitneyTest } from './mann-whitney.ts';
export { PERMUTATION, meanDifference, permutationTest } from './permutation.ts';
export { TWO_PROPORTIONS, twoProportionsTest } from './proportions.ts';
