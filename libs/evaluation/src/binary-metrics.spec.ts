import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { binaryMetrics } from './binary-metrics.ts';
import { LOSSES, lossOf } from './loss.ts';

interface Case { name: string; labels: number[]; scores: number[]; log_loss: number; brier: number; accuracy: number; base_rate_log_loss: number; auc: number | null; auc_error: number | null }
const { cases } = JSON.parse(readFileSync(new URL('../goldens/evaluation.json', import.meta.url), 'utf8')) as { cases: Case[] };

describe('binary metrics', () => {
  it.each(cases)('are scikit-learn\'s: $name', ({ labels, scores, auc, auc_error: error, ...want }) => {
    const got = binaryMetrics(labels, scores);
    for (const name of ['log_loss', 'brier', 'accuracy', 'base_rate_log_loss'] as const) expect(got[name]?.value, name).toBeCloseTo(want[name], 10);
    expect(got.auc?.value ?? null).toSatisfy((value: number | null) => (auc === null ? value === null : Math.abs((value ?? 9) - auc) < 1e-12));
    expect(got.auc?.standardError ?? null).toSatisfy((value: number | null) => (error === null ? value === null : Math.abs((value ?? 9) - error) < 1e-12));
    expect(got.log_loss?.rows).toBe(labels.length);
  });

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

  it('know which metrics are means of row losses', () => {
    expect(lossOf('accuracy')).toEqual({ loss: 'zero_one', direction: 'higher' });
    expect(() => lossOf('auc')).toThrowError(/not a mean/);
  });
});
