import { describe, expect, it } from 'vitest';
import { binaryMetrics } from './binary-metrics.ts';
import { hasMetric, labelUnits, taskMetrics } from './task-metrics.ts';

const regression = { labels: [1, 2, 3, 6], scores: [2, 2, 5, 2] };
const classes = { labels: [0, 2, 1], scores: [0.7, 0.2, 0.1, 0.2, 0.2, 0.6, 0.5, 0.3, 0.2] };

describe('the metrics of a task', () => {
  it('are the binary ones where the task is binary, with those that are named besides', () => {
    const [labels, scores] = [[1, 0, 1], [0.9, 0.2, 0.4]];
    expect(taskMetrics({ task: 'binary' }, { labels, scores })).toEqual(binaryMetrics(labels, scores));
    expect(taskMetrics({ task: 'binary' }, { labels, scores }, ['zero_one', 'f_beta@2', 'auc'])).toEqual({
      ...binaryMetrics(labels, scores), zero_one: { value: 1 / 3, standardError: expect.closeTo(1 / 3, 12), rows: 3 }, 'f_beta@2': { value: expect.closeTo(5 / 9, 12), standardError: null, rows: 3 },
    });
  });

  it('of values are by hand', () => {
    const found = taskMetrics({ task: 'regression' }, regression, ['pinball@0.9', 'huber@1', 'mae']);
    // Errors 1, 0, 2, -4.
    expect(found['mae']).toEqual({ value: 1.75, standardError: expect.closeTo(Math.sqrt(8.75 / 3 / 4), 12), rows: 4 });
    expect(found['mse']?.value).toBeCloseTo(21 / 4, 12);
    expect(found['rmse']).toEqual({ value: expect.closeTo(Math.sqrt(21 / 4), 12), standardError: null, rows: 4 });
    expect(found['bias']?.value).toBeCloseTo(-0.25, 12);
    expect(found['pinball@0.9']?.value).toBeCloseTo((0.1 * 3 + 0.9 * 4) / 4, 12);
    expect(found['huber@1']?.value).toBeCloseTo((0.5 + 0 + 1.5 + 3.5) / 4, 12);
    expect(found['label_deviation']?.value).toBeCloseTo(Math.sqrt(14 / 4), 12);
    expect(Object.keys(taskMetrics({ task: 'regression' }, { labels: [0], scores: [1] }))).not.toContain('mape');
  });

  it('of classes are by hand', () => {
    const found = taskMetrics({ task: 'multiclass', classes: 3 }, classes, ['zero_one']);
    expect(found['log_loss']?.value).toBeCloseTo(-(Math.log(0.7) + Math.log(0.6) + Math.log(0.3)) / 3, 12);
    expect(found['accuracy']?.value).toBeCloseTo(2 / 3, 12);
    expect(found['accuracy']?.standardError).toBeCloseTo(1 / 3, 12);
    expect(found['zero_one']?.value).toBeCloseTo(1 / 3, 12);
  });

  it('say nothing of no rows, and refuse labels, scores and names that are none of the task', () => {
    expect(taskMetrics({ task: 'regression' }, { labels: [], scores: [] })).toEqual({});
    expect(() => taskMetrics({ task: 'multiclass', classes: 3 }, { ...classes, labels: [0, 3, 1] })).toThrowError(/class/);
    expect(() => taskMetrics({ task: 'regression' }, { labels: [Number.NaN], scores: [1] })).toThrowError(/finite/);
    expect(() => taskMetrics({ task: 'regression' }, regression, ['auc'])).toThrowError(/no metric/);
  });

  it('are known by name', () => {
    expect(['mae', 'rmse', 'pinball@0.9', 'huber@2', 'r2'].every((metric) => hasMetric({ task: 'regression' }, metric))).toBe(true);
    expect(['log_loss', 'accuracy', 'auc_ovr_macro', 'f_beta_macro@2'].every((metric) => hasMetric({ task: 'multiclass', classes: 5 }, metric))).toBe(true);
    expect([hasMetric({ task: 'regression' }, 'log_loss'), hasMetric({ task: 'binary' }, 'mae'), hasMetric({ task: 'multiclass', classes: 3 }, 'auc')]).toEqual([false, false, false]);
  });

  it('are compared in units of the labels where they are in the label\'s', () => {
    const metrics = taskMetrics({ task: 'regression' }, regression);
    expect(labelUnits('mae', metrics)).toBeCloseTo(Math.sqrt(3.5), 12);
    expect(labelUnits('pinball@0.9', metrics)).toBeCloseTo(Math.sqrt(3.5), 12);
    expect(labelUnits('mse', metrics)).toBeCloseTo(3.5, 12);
    expect([labelUnits('r2', metrics), labelUnits('log_loss', {}), labelUnits('mae', taskMetrics({ task: 'regression' }, { labels: [2, 2], scores: [1, 3] }))]).toEqual([1, 1, 1]);
  });
});
