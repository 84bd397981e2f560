import type { ReasonCode } from '../method.ts';

/** One class's view of unlabelled rows: how it is scored, whether it is predicted, and how likely it is. */
export interface ClassRows {
  /** Raw scores: their order decides the AUC. */
  readonly scores: ArrayLike<number>;
  /** 1 where the class is predicted, else 0. */
  readonly predicted: ArrayLike<number>;
  /** Calibrated probabilities of the class. */
  readonly probabilities: ArrayLike<number>;
}

/** An expected metric and its derivative by each row's probability; or the reason why it is missing. */
export type Estimate = { readonly value: number; readonly gradient: Float64Array; readonly reason: null } | { readonly value: null; readonly gradient: null; readonly reason: ReasonCode };

export type ConfusionMetric = 'f1' | 'precision' | 'recall' | 'specificity' | 'accuracy' | 'tp' | 'fp' | 'tn' | 'fn';

/** Expected counts, and the derivative of a metric by the expected true positives and false negatives. */
interface Expected { readonly tp: number; readonly fp: number; readonly tn: number; readonly fn: number }
type Slope = { readonly value: number; readonly byTp: number; readonly byFn: number } | ReasonCode;

const missing = (reason: ReasonCode): Estimate => ({ value: null, gradient: null, reason });

/** The rows predicted positive are known: tp + fp and fn + tn are fixed, so each metric is a function of tp and fn. */
const SLOPES: Readonly<Record<ConfusionMetric, (expected: Expected) => Slope>> = {
  tp: ({ tp }) => ({ value: tp, byTp: 1, byFn: 0 }),
  fp: ({ fp }) => ({ value: fp, byTp: -1, byFn: 0 }),
  fn: ({ fn }) => ({ value: fn, byTp: 0, byFn: 1 }),
  tn: ({ tn }) => ({ value: tn, byTp: 0, byFn: -1 }),
  accuracy: ({ tp, fp, tn, fn }) => { const n = tp + fp + tn + fn; return { value: (tp + tn) / n, byTp: 1 / n, byFn: -1 / n }; },
  precision: ({ tp, fp }) => (tp + fp > 0 ? { value: tp / (tp + fp), byTp: 1 / (tp + fp), byFn: 0 } : 'NO_PREDICTED_POSITIVES'),
  recall: ({ tp, fn }) => { const p = tp + fn; return p > 0 ? { value: tp / p, byTp: fn / p ** 2, byFn: -tp / p ** 2 } : 'ONE_CLASS'; },
  specificity: ({ fp, tn }) => { const n = fp + tn; return n > 0 ? { value: tn / n, byTp: tn / n ** 2, byFn: -fp / n ** 2 } : 'ONE_CLASS'; },
  f1: ({ tp, fp, fn }) => { const d = 2 * tp + fp + fn; return d > 0 ? { value: (2 * tp) / d, byTp: 2 / d - (2 * tp) / d ** 2, byFn: (-2 * tp) / d ** 2 } : 'NO_PREDICTED_POSITIVES'; },
};

export const CONFUSION_METRICS = Object.keys(SLOPES) as ConfusionMetric[];

/** A metric of the confusion matrix with expected counts in the place of counted ones: tp = Σ over predicted rows of c, and so on. */
export function estimateConfusion({ predicted, probabilities }: ClassRows, metric: ConfusionMetric): Estimate {
  const n = probabilities.length;
  if (n === 0) return missing('EMPTY_SAMPLE');
  let tp = 0, fp = 0, tn = 0, fn = 0;
  for (let row = 0; row < n; row += 1) {
    const c = probabilities[row] as number;
    if (predicted[row] === 1) { tp += c; fp += 1 - c; } else { fn += c; tn += 1 - c; }
  }
  const slope = SLOPES[metric]({ tp, fp, tn, fn });
  if (typeof slope === 'string') return missing(slope);
  const gradient = Float64Array.from({ length: n }, (_, row) => (predicted[row] === 1 ? slope.byTp : slope.byFn));
  return { value: slope.value, gradient, reason: null };
}

/**
 * Expected AUC: rows in the order of their raw score, c positives and 1 - c negatives each, ties ½.
 * With U = Σ over pairs and P, N expected positives and negatives, ∂AUC/∂c = (N below - P above)/PN - AUC/P + AUC/N.
 */
export function estimateAuc({ scores, probabilities }: ClassRows): Estimate {
  const n = probabilities.length;
  if (n === 0) return missing('EMPTY_SAMPLE');
  const order = Uint32Array.from({ length: n }, (_, at) => at).sort((a, b) => (scores[a] as number) - (scores[b] as number));
  let positives = 0;
  for (let row = 0; row < n; row += 1) positives += probabilities[row] as number;
  const negatives = n - positives;
  if (!(positives > 0 && negatives > 0)) return missing('ONE_CLASS');
  const gradient = new Float64Array(n);
  let below = 0;
  let above = positives;
  let pairs = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    let up = 0;
    while (to < n && scores[order[to] as number] === scores[order[from] as number]) { up += probabilities[order[to] as number] as number; to += 1; }
    const down = to - from - up;
    above -= up;
    pairs += up * (below + down / 2);
    for (let k = from; k < to; k += 1) gradient[order[k] as number] = below + down / 2 - above - up / 2;
    below += down;
    from = to;
  }
  const auc = pairs / positives / negatives;
  for (let row = 0; row < n; row += 1) gradient[row] = (gradient[row] as number) / positives / negatives - auc / positives + auc / negatives;
  return { value: auc, gradient, reason: null };
}

/**
 * Expected average precision, Σ over tied groups of (share of the positives in the group) × (precision down to it), the
 * highest score first. Of products of a row with itself the expectation is c and not c²: E[u T] = E[u] E[T] + Σ c(1 - c)
 * over the group. The number of positives P stands for its expectation.
 */
export function estimateAveragePrecision({ scores, probabilities }: ClassRows): Estimate {
  const n = probabilities.length;
  if (n === 0) return missing('EMPTY_SAMPLE');
  const order = Uint32Array.from({ length: n }, (_, at) => at).sort((a, b) => (scores[b] as number) - (scores[a] as number));
  let positives = 0;
  for (let row = 0; row < n; row += 1) positives += probabilities[row] as number;
  if (!(positives > 0)) return missing('ONE_CLASS');
  const gradient = new Float64Array(n);
  const ends: number[] = [];
  const parts: number[] = [];
  let found = 0;
  let value = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    let up = 0;
    let spread = 0;
    for (; to < n && scores[order[to] as number] === scores[order[from] as number]; to += 1) {
      const c = probabilities[order[to] as number] as number;
      up += c;
      spread += c * (1 - c);
    }
    found += up;
    value += (up * found + spread) / to;
    for (let k = from; k < to; k += 1) gradient[order[k] as number] = (found + 1 - 2 * (probabilities[order[k] as number] as number)) / to;
    ends.push(to);
    parts.push(up / to);
    from = to;
  }
  // A row counts in the precision of its own group and of all below it.
  let below = 0;
  for (let group = ends.length - 1; group >= 0; group -= 1) {
    below += parts[group] as number;
    for (let k = group === 0 ? 0 : (ends[group - 1] as number); k < (ends[group] as number); k += 1) {
      const row = order[k] as number;
      gradient[row] = ((gradient[row] as number) + below - value / positives) / positives;
    }
  }
  return { value: value / positives, gradient, reason: null };
}

export type ScoreMetric = 'log_loss' | 'brier';
/** As in `@mettle/evaluation`: probabilities nearer to 0 or 1 than this count as this. */
const CLIP = 1e-6;

/** The row's loss as a negative and as a positive. */
const LOSSES: Readonly<Record<ScoreMetric, (p: number) => readonly [number, number]>> = {
  log_loss: (p) => { const clipped = Math.min(1 - CLIP, Math.max(CLIP, p)); return [-Math.log(1 - clipped), -Math.log(clipped)]; },
  brier: (p) => [p * p, (1 - p) * (1 - p)],
};
export const SCORE_METRICS = Object.keys(LOSSES) as ScoreMetric[];

/** Expected mean loss of raw scores that are probabilities: (1 - c) loss(0) + c loss(1). */
export function estimateLoss({ scores, probabilities }: ClassRows, metric: ScoreMetric): Estimate {
  const n = probabilities.length;
  if (n === 0) return missing('EMPTY_SAMPLE');
  const gradient = new Float64Array(n);
  let sum = 0;
  for (let row = 0; row < n; row += 1) {
    const [negative, positive] = LOSSES[metric](scores[row] as number);
    const c = probabilities[row] as number;
    sum += (1 - c) * negative + c * positive;
    gradient[row] = (positive - negative) / n;
  }
  return { value: sum / n, gradient, reason: null };
}
