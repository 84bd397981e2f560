import { createRandom } from '@mettle/statistics';
import { describe, expect, it } from 'vitest';
import { evaluate } from './metrics/evaluate.ts';
import { pairedAuc, pairedBlocks, pairedSlots } from './paired.ts';
import { rowLoss } from './row-loss.ts';
import { summariseSlots } from './slot-summary.ts';

const random = createRandom(21);
const n = 500;
const at = Array.from({ length: n }, (_, row) => row);
const column = (of: () => number): number[] => Array.from({ length: n }, of);

describe('paired differences on the same rows', () => {
  it.each([
    { task: 'binary' as const, metrics: ['log_loss', 'brier'], options: {}, labels: column(() => random.below(2)), score: () => random.next() },
    { task: 'regression' as const, metrics: ['mae', 'mse', 'pinball@0.9', 'huber@1.5', 'clipped_mae@2'], options: { delta: 1.5, cap: 2 }, labels: column(() => random.normal()), score: () => random.normal() },
  ])('are candidate minus champion of the metric itself: $task', ({ task, metrics, options, labels, score }) => {
    const [champion, candidate] = [column(score), column(score)];
    for (const metric of metrics) {
      const name = /^(huber|clipped)/.test(metric) ? (metric.split('@')[0] ?? '') : metric;
      const of = (scores: number[]): number => evaluate(task, { labels, scores }, options, [name])[name]?.value ?? Number.NaN;
      expect(summariseSlots(pairedSlots(task, metric, { labels, champion, candidate, at }, 10), 4).estimate, metric).toBeCloseTo(of(candidate) - of(champion), 10);
    }
  });

  it('turn accuracy into its loss: below zero is better', () => {
    const labels = [1, 1, 0, 0];
    const slots = pairedSlots('binary', 'accuracy', { labels, champion: [0.1, 0.9, 0.1, 0.9], candidate: [0.9, 0.9, 0.1, 0.1], at: [0, 1, 2, 3] }, 10);
    expect(slots).toEqual([{ at: 0, rows: 4, sum: -2, champion: 2, candidate: 0 }]);
    expect(rowLoss('binary', 'accuracy').direction).toBe('higher');
    const classes = { labels: [0, 2], champion: [0.2, 0.3, 0.5, 0.2, 0.3, 0.5], candidate: [0.5, 0.3, 0.2, 0.2, 0.3, 0.5], at: [0, 1] };
    expect(pairedSlots('multiclass', 'zero_one', classes, 10, 3)[0]?.sum).toBe(-1);
    expect(pairedSlots('multiclass', 'brier', classes, 10, 3)[0]?.champion).toBeCloseTo(0.98 + 0.38, 12);
    expect(pairedSlots('multiclass', 'log_loss', classes, 10, 3)[0]?.sum).toBeCloseTo(Math.log(0.2) - Math.log(0.5), 12);
  });

  it('keep entities apart within a slot', () => {
    const blocks = pairedBlocks('regression', 'mae', { labels: [0, 0, 0], champion: [0, 0, 0], candidate: [1, 2, 4], at: [1, 2, 3], entity: ['a', 'b', 'a'] }, 10);
    expect(blocks).toEqual([{ entity: 'a', at: 0, rows: 2, sum: 5, squares: 17 }, { entity: 'b', at: 0, rows: 1, sum: 2, squares: 4 }]);
  });

  it('orient AUC so that above zero the candidate is better', () => {
    expect(pairedAuc([0, 1, 0, 1], [0.6, 0.5, 0.4, 0.7], [0.1, 0.9, 0.2, 0.7], 0.05).interval.estimate).toBeCloseTo(0.25, 12);
  });

  it('refuse missing labels and scores, unknown metrics and metrics that are no means', () => {
    const rows = { labels: [1], champion: [0.5], candidate: [0.5], at: [0] };
    expect(() => pairedSlots('binary', 'brier', { ...rows, labels: [Number.NaN] }, 10)).toThrowError(/label/);
    expect(() => pairedSlots('binary', 'brier', { ...rows, candidate: [Number.NaN] }, 10)).toThrowError(/label or score/);
    expect(() => pairedSlots('regression', 'mse', { ...rows, labels: [1e200] }, 10)).toThrowError(/label or score/);
    expect(() => pairedSlots('multiclass', 'brier', { ...rows, labels: [5], champion: [0.5, 0.5], candidate: [0.5, 0.5] }, 10)).toThrowError(/label or score/);
    expect(() => pairedSlots('binary', 'brier', { ...rows, candidate: [] }, 10)).toThrowError(/both models/);
    for (const [task, metric] of [['binary', 'auc'], ['binary', 'mae'], ['regression', 'r2'], ['regression', 'log_loss'], ['ranking', 'ndcg'], ['multiclass', 'auc_ovr_macro']] as const) expect(() => rowLoss(task, metric), metric).toThrowError(/no mean of row losses/);
    expect(() => rowLoss('regression', 'huber')).toThrowError(/needs its parameter/);
    expect(() => rowLoss('regression', 'pinball@1.5')).toThrowError(/quantile/);
  });

  it('state the largest loss, which sequences for bounded losses need', () => {
    expect([rowLoss('binary', 'brier').largest, rowLoss('regression', 'mae').largest, rowLoss('regression', 'clipped_mae@3').largest, rowLoss('multiclass', 'brier', 4).largest]).toEqual([1, null, 3, 2]);
  });
});
