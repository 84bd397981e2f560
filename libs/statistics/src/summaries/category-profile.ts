import { MettleError } from '@mettle/contracts';
import type { Method } from '../method.ts';

export const CATEGORY_PROFILE: Method = { name: 'category-profile', kind: 'summary', direction: 'none', needs: 'values', citation: 'Counts over frozen categories, with those never seen in the reference apart' };

/** Counts over the categories frozen with the reference; what is new is counted as unseen. Additive JSON. */
export interface CategoryProfile {
  readonly v: 1;
  readonly categories: readonly string[];
  readonly rows: number;
  readonly nulls: number;
  readonly counts: readonly number[];
  readonly unseen: number;
}

/** @throws MettleError INVALID_INPUT for a category given twice */
export function emptyCategoryProfile(categories: readonly string[]): CategoryProfile {
  if (new Set(categories).size !== categories.length) throw new MettleError('INVALID_INPUT', 'a category is given once', { categories: categories.length });
  return { v: 1, categories: [...categories], rows: 0, nulls: 0, counts: categories.map(() => 0), unseen: 0 };
}

export function profileCategories(profile: CategoryProfile, values: Iterable<string | null | undefined>): CategoryProfile {
  const place = new Map(profile.categories.map((name, at) => [name, at]));
  const counts = [...profile.counts];
  let { rows, nulls, unseen } = profile;
  for (const value of values) {
    rows += 1;
    const at = value === null || value === undefined ? -1 : place.get(value);
    if (at === -1) nulls += 1;
    else if (at === undefined) unseen += 1;
    else counts[at] = (counts[at] as number) + 1;
  }
  return { v: 1, categories: profile.categories, rows, nulls, counts, unseen };
}

/** @throws MettleError INVALID_INPUT when the categories differ */
export function mergeCategoryProfiles(a: CategoryProfile, b: CategoryProfile): CategoryProfile {
  if (a.categories.length !== b.categories.length || a.categories.some((name, at) => name !== b.categories[at])) throw new MettleError('INVALID_INPUT', 'profiles have different categories', { first: a.categories.length, second: b.categories.length });
  return { v: 1, categories: a.categories, rows: a.rows + b.rows, nulls: a.nulls + b.nulls, counts: a.counts.map((count, at) => count + (b.counts[at] ?? 0)), unseen: a.unseen + b.unseen };
}

/** Counts with the unseen last: what a distance takes. */
export const categoryCounts = (profile: CategoryProfile): number[] => [...profile.counts, profile.unseen];
