import { describe, expect, it } from 'vitest';
import { binaryMetrics } from './binary-metrics.ts';
import { LOSSES } from './loss.ts';

describe('binary metrics', () => {
  it('clip a certain mistake to 13.8155 nats', () => {
    expect(LOSSES.log_loss.of(1, 0)).toBeCloseTo(13.815510557964274, 12);
    expect(LOSSES.log_loss.largest).toBeCloseTo(13.815510557964274, 12);
    expect(LOSSES.log_loss.of(0, 0)).toBeCloseTo(1e-6, 9);
  });

  it('say nothing of no rows, and refuse NaN, other labels and probabilities beyond [0, 1]', () => {
    expect(binaryMetrics([], [])).toEqual({});
    expect(() => binaryMetrics([1], [Number.NaN])).toThrowError(/probabilities/);
    expect(() => binaryMetrics([2], [0.5])).toThrowError(/labels/);
    expect(() => binaryMetrics([1], [1.2])).toThrowError(/probabilities/);
    expect(() => binaryMetrics([1, 0], [0.2])).toThrowError(/one probability/);
  });

  it('give the standard error of a mean', () => {
    expect(binaryMetrics([1, 0, 0], [0.5, 0.2, 0.9]).brier?.standardError).toBeCloseTo(0.2298067, 6);
    expect(binaryMetrics([1], [0.5]).brier?.standardError).toBeNull();
  });

  it('leave the AUC out with one class, and its error with one row of a class', () => {
    expect(binaryMetrics([1, 1], [0.5, 0.2])).not.toHaveProperty('auc');
    expect(binaryMetrics([1, 0], [0.5, 0.2]).auc).toEqual({ value: 1, standardError: null, rows: 2 });
    expect(Object.keys(binaryMetrics([1, 0], [0.5, 0.2]))).toEqual(['log_loss', 'brier', 'accuracy', 'base_rate', 'base_rate_log_loss', 'auc']);
  });
});
