/** Probabilities are clipped to [CLIP, 1 - CLIP] before a logarithm: one row's log loss is at most 13.8155. */
export const CLIP = 1e-6;

export type LossName = 'log_loss' | 'brier' | 'zero_one';

/** Row losses of a binary score `p` = P(label = 1); lower is better for each. */
export const LOSSES: Readonly<Record<LossName, { readonly largest: number; readonly of: (label: number, p: number) => number }>> = {
  /** -ln of the probability given to what happened, in nats. */
  log_loss: { largest: -Math.log(CLIP), of: (label, p) => -Math.log(Math.min(Math.max(label === 1 ? p : 1 - p, CLIP), 1 - CLIP)) },
  /** (p - label)². */
  brier: { largest: 1, of: (label, p) => (p - label) ** 2 },
  /** 1 where the class at threshold ½ is wrong: 1 - accuracy. */
  zero_one: { largest: 1, of: (label, p) => (p >= 0.5 === (label === 1) ? 0 : 1) },
};
