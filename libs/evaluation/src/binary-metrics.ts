import { MettleError } from '@mettle/contracts';
import type { MetricValue } from '@mettle/contracts';
import { auc } from './auc.ts';
import { CLIP, LOSSES } from './loss.ts';

/**
 * log_loss (clipped at 1e-6, nats), brier, accuracy (threshold ½), auc (absent with one class), base_rate and
 * base_rate_log_loss (that of the constant model), of labels 0/1 and probabilities of 1. Empty for no rows.
 * Standard errors treat rows as independent: a description, never a decision (see slot series).
 * @throws MettleError INVALID_INPUT for other labels, for probabilities outside [0, 1] or for unequal lengths
 */
export function binaryMetrics(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Record<string, MetricValue> {
  const rows = labels.length;
  if (probabilities.length !== rows) throw new MettleError('INVALID_INPUT', 'one probability per label', { labels: rows, probabilities: probabilities.length });
  if (rows === 0) return {};
  const sums = { log_loss: 0, brier: 0, zero_one: 0, positives: 0 };
  const squares = { log_loss: 0, brier: 0 };
  for (let row = 0; row < rows; row += 1) {
    const label = labels[row] ?? Number.NaN;
    const p = probabilities[row] ?? Number.NaN;
    if ((label !== 0 && label !== 1) || !(p >= 0 && p <= 1)) throw new MettleError('INVALID_INPUT', 'labels are 0 or 1 and probabilities lie in [0, 1]', { row, label: String(label), probability: String(p) });
    const loss = LOSSES.log_loss.of(label, p);
    const brier = LOSSES.brier.of(label, p);
    sums.log_loss += loss;
    sums.brier += brier;
    sums.zero_one += LOSSES.zero_one.of(label, p);
    sums.positives += label;
    squares.log_loss += loss * loss;
    squares.brier += brier * brier;
  }
  const mean = (sum: number, square: number): MetricValue => {
    const value = sum / rows;
    return { value, standardError: rows < 2 ? null : Math.sqrt(Math.max(0, square / rows - value * value) / (rows - 1)), rows };
  };
  const wrong = sums.zero_one / rows;
  const area = auc(labels, probabilities);
  const baseRate = sums.positives / rows;
  return {
    log_loss: mean(sums.log_loss, squares.log_loss),
    brier: mean(sums.brier, squares.brier),
    accuracy: { ...mean(sums.zero_one, sums.zero_one), value: 1 - wrong },
    base_rate: mean(sums.positives, sums.positives),
    base_rate_log_loss: { value: entropy(baseRate), standardError: null, rows },
    ...(area === null ? {} : { auc: { ...area, rows } }),
  };
}

/** Mean log loss of a constant forecast of the base rate: its entropy in nats (clipped like log_loss). */
export function entropy(rate: number): number {
  const p = Math.min(Math.max(rate, CLIP), 1 - CLIP);
  return -(rate * Math.log(p) + (1 - rate) * Math.log(1 - p));
}
