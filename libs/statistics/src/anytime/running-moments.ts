import { centred } from '../sorted.ts';

/** Count, mean and summed squared deviations; merges. */
export interface Moments { readonly n: number; readonly mean: number; readonly squares: number }

export const NO_MOMENTS: Moments = { n: 0, mean: 0, squares: 0 };

export const momentsOf = (values: ArrayLike<number>): Moments => (values.length === 0 ? NO_MOMENTS : { n: values.length, ...centred(values) });

/** Equal means merge without rounding, so a constant stream keeps squares of 0. @see Chan, Golub & LeVeque (1979) */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const d = b.mean - a.mean;
  return { n, mean: a.mean + (d * b.n) / n, squares: a.squares + b.squares + (d * d * a.n * b.n) / n };
}
