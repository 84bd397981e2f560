/** Larger labels and predictions are not squared: their squares would leave the range of doubles. */
export const LARGEST_VALUE = 1e140;

/** |prediction - label|. */
export const absoluteLoss = (label: number, score: number): number => Math.abs(score - label);

/** (prediction - label)². */
export const squaredLoss = (label: number, score: number): number => (score - label) ** 2;

/** Huber (1964): e²/2 up to |e| = delta, then delta (|e| - delta/2). */
export const huberLoss = (label: number, score: number, delta: number): number => {
  const size = Math.abs(score - label);
  return size <= delta ? (size * size) / 2 : delta * (size - delta / 2);
};

/** |prediction - label|, at most `cap`: bounded, so that sequences for bounded losses apply. */
export const clippedLoss = (label: number, score: number, cap: number): number => Math.min(Math.abs(score - label), cap);

/** Koenker & Bassett (1978): the loss whose best constant is the `level`-quantile. */
export const pinballLoss = (label: number, score: number, level: number): number => (score < label ? level * (label - score) : (1 - level) * (score - label));
