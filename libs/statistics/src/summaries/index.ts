export { CATEGORY_PROFILE, categoryCounts, emptyCategoryProfile, mergeCategoryProfiles, profileCategories } from './category-profile.ts';
export type { CategoryProfile } from './category-profile.ts';
export { binOf, checkEdges, doaneEdges, equalWidthEdges, quantileEdges, quantileOf, sturgesEdges } from './edges.ts';
export { addExact, addSquare, canonical as canonicalSum, mergeExact, squaredDeviations, valueOf as exactValue } from './exact-sum.ts';
export type { ExactSum } from './exact-sum.ts';
export { NUMERIC_PROFILE, emptyNumericProfile, finiteCount, histogramOf, mergeNumericProfiles, profileMean, profileValues, profileVariance } from './numeric-profile.ts';
export type { NumericProfile } from './numeric-profile.ts';
