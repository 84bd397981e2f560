/** Size, Σ error and largest error of a set of rows. */
export interface SliceSums { readonly rows: number; readonly error: number; readonly largest: number }

/**
 * SliceLine's score: alpha (e_S / e - 1) - (1 - alpha) (N / |S| - 1), with e the mean error. Above zero: the slice errs
 * more than its size excuses. All rows together score 0.
 * @see Sagadeeva & Boehm (2021), SliceLine: fast, linear-algebra-based slice finding for ML model debugging
 */
export const sliceScore = (slice: { readonly rows: number; readonly error: number }, whole: SliceSums, alpha: number): number =>
  alpha * (slice.error / slice.rows / (whole.error / whole.rows) - 1) - (1 - alpha) * (whole.rows / slice.rows - 1);

/**
 * No slice within one with these sums can score more: it has between `minSupport` and `rows` rows, and s rows err at most
 * min(error, s x largest). The score of that is monotone up to s = error / largest and beyond it, so it is largest at an end or there.
 */
export function sliceBound(sums: SliceSums, whole: SliceSums, alpha: number, minSupport: number): number {
  if (sums.rows < minSupport || sums.error <= 0) return Number.NEGATIVE_INFINITY;
  const at = (rows: number): number => sliceScore({ rows, error: Math.min(sums.error, rows * sums.largest) }, whole, alpha);
  const turn = Math.min(sums.rows, Math.max(minSupport, sums.error / sums.largest));
  // The bound and the score round differently: one part in 1e12 keeps a tie from being cut.
  const bound = Math.max(at(minSupport), at(turn), at(sums.rows));
  return bound + 1e-12 * (1 + Math.abs(bound));
}

/** What a slice within both can have at most. */
export const meet = (a: SliceSums, b: SliceSums): SliceSums => ({ rows: Math.min(a.rows, b.rows), error: Math.min(a.error, b.error), largest: Math.min(a.largest, b.largest) });
