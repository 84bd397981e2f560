import { checkFinite, measured, unmeasured } from '@mettle/statistics';
import { checkSame } from './metric.ts';
import type { Metric } from './metric.ts';

/**
 * How often each score came with each label: all that AUC and average precision need. Without a grid nothing is lost and
 * merged metrics are those of the rows; with one, scores are rounded to its multiples, and a metric carries the bounds
 * between which the value of the unrounded scores lies.
 */
export interface ScoreCounts {
  readonly grid: number | null;
  /** Rising. With a grid: multiples of it, as whole numbers. */
  readonly scores: readonly number[];
  readonly negatives: readonly number[];
  readonly positives: readonly number[];
}

/** A metric of counts with the bounds that a grid leaves; low = value = high without one. */
export type Bounded = Metric & { readonly low: number | null; readonly high: number | null };

const nothing = (reason: Parameters<typeof unmeasured>[0]): Bounded => ({ ...unmeasured(reason), low: null, high: null });

/** Counts of scores by label. Equal scores (after rounding to the grid) are one entry. @throws MettleError INVALID_INPUT for scores that are not finite */
export function countScores(positive: ArrayLike<number>, negative: ArrayLike<number>, grid: number | null = null): ScoreCounts {
  const sorted = (values: ArrayLike<number>): Float64Array => {
    checkFinite(values, 'scores');
    const copy = Float64Array.from(values);
    // Adding 0 turns -0 into 0: they are one score.
    for (let at = 0; at < copy.length; at += 1) copy[at] = (grid === null ? (copy[at] as number) : Math.round((copy[at] as number) / grid)) + 0;
    return copy.sort();
  };
  const up = sorted(positive);
  const down = sorted(negative);
  const scores: number[] = [];
  const negatives: number[] = [];
  const positives: number[] = [];
  for (let i = 0, j = 0; i < up.length || j < down.length; ) {
    const score = Math.min(up[i] ?? Number.POSITIVE_INFINITY, down[j] ?? Number.POSITIVE_INFINITY);
    const fromUp = i;
    const fromDown = j;
    while (i < up.length && up[i] === score) i += 1;
    while (j < down.length && down[j] === score) j += 1;
    scores.push(score);
    positives.push(i - fromUp);
    negatives.push(j - fromDown);
  }
  return { grid, scores, negatives, positives };
}

/** Both together, exactly. @throws MettleError INVALID_INPUT for different grids */
export function mergeScoreCounts(a: ScoreCounts, b: ScoreCounts): ScoreCounts {
  checkSame(a.grid, b.grid, 'grids');
  const scores: number[] = [];
  const negatives: number[] = [];
  const positives: number[] = [];
  for (let i = 0, j = 0; i < a.scores.length || j < b.scores.length; ) {
    const x = a.scores[i] ?? Number.POSITIVE_INFINITY;
    const y = b.scores[j] ?? Number.POSITIVE_INFINITY;
    scores.push(Math.min(x, y));
    negatives.push((x <= y ? (a.negatives[i] ?? 0) : 0) + (y <= x ? (b.negatives[j] ?? 0) : 0));
    positives.push((x <= y ? (a.positives[i] ?? 0) : 0) + (y <= x ? (b.positives[j] ?? 0) : 0));
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  return { grid: a.grid, scores, negatives, positives };
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Area under the ROC curve, ties ½. Pairs that share a grid cell may be ordered either way: they set the bounds. */
export function aucOf({ grid, positives, negatives }: ScoreCounts): Bounded {
  const up = total(positives);
  const down = total(negatives);
  if (up === 0 || down === 0) return nothing(up + down === 0 ? 'EMPTY_SAMPLE' : 'ONE_CLASS');
  let below = 0;
  let ordered = 0;
  let tied = 0;
  for (let at = 0; at < positives.length; at += 1) {
    const p = positives[at] as number;
    const n = negatives[at] as number;
    ordered += p * below;
    tied += p * n;
    below += n;
  }
  const pairs = up * down;
  const open = grid === null ? 0 : tied / 2;
  return { ...measured((ordered + tied / 2) / pairs), low: (ordered + tied / 2 - open) / pairs, high: (ordered + tied / 2 + open) / pairs };
}

/**
 * Average precision Σ (R_k - R_k-1) P_k over falling distinct scores. The bounds of a grid: at worst all negatives of a
 * cell come first, one by one; at best all its positives share one score above its negatives.
 */
export function averagePrecisionOf({ grid, positives, negatives }: ScoreCounts): Bounded {
  const up = total(positives);
  if (up === 0) return nothing(total(negatives) === 0 ? 'EMPTY_SAMPLE' : 'ONE_CLASS');
  let tp = 0;
  let fp = 0;
  let value = 0;
  let low = 0;
  let high = 0;
  for (let at = positives.length - 1; at >= 0; at -= 1) {
    const p = positives[at] as number;
    const n = negatives[at] as number;
    if (p > 0) {
      value += (p * (tp + p)) / (tp + p + fp + n);
      if (grid !== null) {
        high += (p * (tp + p)) / (tp + p + fp);
        for (let i = 1; i <= p; i += 1) low += (tp + i) / (tp + i + fp + n);
      }
    }
    tp += p;
    fp += n;
  }
  return { ...measured(value / up), low: (grid === null ? value : low) / up, high: (grid === null ? value : high) / up };
}
