import { MettleError } from '@mettle/contracts';
import type { MetricValue } from '@mettle/contracts';
import { aucVariance } from '@mettle/statistics';
import { binaryEvaluator, rowError } from './metrics/binary.ts';

const evaluator = binaryEvaluator();

/**
 * log_loss (clipped at 1e-6, nats), brier, accuracy (threshold ½), auc (DeLong's error; absent with one class), base_rate
 * and base_rate_log_loss (that of the constant model), of labels 0/1 and probabilities of 1. Empty for no rows.
 * Standard errors treat rows as independent: a description, never a decision (see slot series).
 * @throws MettleError INVALID_INPUT for other labels, for probabilities outside [0, 1] or for unequal lengths
 */
export function binaryMetrics(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Record<string, MetricValue> {
  const rows = labels.length;
  if (probabilities.length !== rows) throw new MettleError('INVALID_INPUT', 'one probability per label', { labels: rows, probabilities: probabilities.length });
  if (rows === 0) return {};
  const sums = evaluator.sums({ labels, scores: probabilities });
  const { totals, confusion } = sums;
  const area = aucVariance(labels, probabilities);
  const shareError = (share: number): number | null => (rows < 2 ? null : Math.sqrt((share * (1 - share)) / (rows - 1)));
  const errors: Record<string, number | null> = {
    log_loss: rowError(totals.logLoss, totals.logLossSquares, rows),
    brier: rowError(totals.brier, totals.brierSquares, rows),
    accuracy: shareError((confusion.tp + confusion.tn) / rows),
    base_rate: shareError((confusion.tp + confusion.fn) / rows),
    base_rate_log_loss: null,
    auc: area === null || area.variance === null ? null : Math.sqrt(area.variance),
  };
  const entries = Object.entries(errors).flatMap(([metric, standardError]) => {
    const { value } = evaluator.read(sums, metric);
    return value === null ? [] : [[metric, { value, standardError, rows }] as const];
  });
  return Object.fromEntries(entries);
}
