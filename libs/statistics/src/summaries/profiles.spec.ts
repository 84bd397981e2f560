import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoryCounts, emptyCategoryProfile, mergeCategoryProfiles, profileCategories } from './category-profile.ts';
import { equalWidthEdges } from './edges.ts';
import { emptyNumericProfile, histogramOf, mergeNumericProfiles, profileMean, profileValues, profileVariance } from './numeric-profile.ts';

const edges = [-10, -1, 0, 0.5, 7];
const values = fc.array(fc.oneof(fc.double({ min: -1e6, max: 1e6 }), fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY, -0, 0, -10, 7, 0.5, 1e-8, 1e15)), { maxLength: 60 });
const of = (rows: readonly (number | null)[]): ReturnType<typeof profileValues> => profileValues(emptyNumericProfile(edges), rows);

describe('a numeric profile', () => {
  it('merges to the same bits in any order and grouping, and as if read in one go', () => {
    fc.assert(fc.property(values, values, values, (a, b, c) => {
      const whole = JSON.stringify(of([...a, ...b, ...c]));
      expect(JSON.stringify(mergeNumericProfiles(mergeNumericProfiles(of(a), of(b)), of(c)))).toBe(whole);
      expect(JSON.stringify(mergeNumericProfiles(of(c), mergeNumericProfiles(of(b), of(a))))).toBe(whole);
      expect(JSON.stringify(profileValues(of(a), [...c, ...b]))).toBe(whole);
    }), { numRuns: 150, seed: 4 });
  });
  it('counts every row once', () => {
    fc.assert(fc.property(values, (rows) => {
      const got = of(rows);
      expect(got.nulls + got.nans + got.infinite + histogramOf(got).reduce((x, y) => x + y, 0)).toBe(rows.length);
    }), { seed: 5 });
  });
  it('takes a variance that cancellation would destroy', () => {
    expect(profileVariance(of([1e15, 1e15 + 1, 1e15 + 2])).value).toBe(1);
    expect(profileMean(of([1e16, 1, -1e16])).value).toBe(1 / 3);
  });
  it('says why it has no number', () => {
    expect(profileMean(of([])).reason).toBe('EMPTY_SAMPLE');
    expect(profileVariance(of([3])).reason).toBe('TOO_FEW_VALUES');
    expect(profileMean(of([1e200])).reason).toBe('OUT_OF_REACH');
    expect(of([null, Number.NaN]).min).toBeNull();
  });
  it('closes the last bin and opens the others, as numpy.histogram', () => {
    expect(of([-10, -1, 0, 0.5, 7, 7.1, -10.1]).bins).toEqual([1, 1, 1, 2]);
  });
  it('refuses edges that do not rise and profiles with other edges', () => {
    expect(() => emptyNumericProfile([1, 1])).toThrowError(/edges/);
    expect(() => emptyNumericProfile([1, Number.NaN])).toThrowError(/edges/);
    expect(() => mergeNumericProfiles(of([]), emptyNumericProfile([0, 1]))).toThrowError(/different edges/);
    expect(() => equalWidthEdges(2, 1, 3)).toThrowError(/order/);
  });
});

describe('a category profile', () => {
  it('keeps the unseen and the nulls apart, and merges', () => {
    const a = profileCategories(emptyCategoryProfile(['x', 'y']), ['x', 'z', null, 'y', 'x']);
    expect(a).toMatchObject({ rows: 5, nulls: 1, counts: [2, 1], unseen: 1 });
    expect(categoryCounts(mergeCategoryProfiles(a, a))).toEqual([4, 2, 2]);
    expect(() => emptyCategoryProfile(['x', 'x'])).toThrowError(/once/);
    expect(() => mergeCategoryProfiles(a, emptyCategoryProfile(['y', 'x']))).toThrowError(/different categories/);
  });
});
