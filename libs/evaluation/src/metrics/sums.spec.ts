import { isMettleError } from '@mettle/contracts';
import { createRandom } from '@mettle/statistics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutCells, mergeCells, sumsWithin } from '../cells.ts';
import { binaryEvaluator } from './binary.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluator, ScoredRows } from './metric.ts';
import { multiclassEvaluator } from './multiclass.ts';
import { rankingEvaluator } from './ranking.ts';
import { regressionEvaluator } from './regression.ts';

const random = createRandom(11);
const rows = 300;
const draw = (of: () => number, n = rows): number[] => Array.from({ length: n }, of);
const shares = draw(() => random.next(), rows * 3);
const data: Record<string, { evaluator: Evaluator<unknown>; rows: ScoredRows }> = {
  binary: { evaluator: binaryEvaluator() as Evaluator<unknown>, rows: { labels: draw(() => random.below(2)), scores: draw(() => random.next()) } },
  'binary on a grid': { evaluator: binaryEvaluator({ grid: 0.01, bins: 7, threshold: 0.3 }) as Evaluator<unknown>, rows: { labels: draw(() => random.below(2)), scores: draw(() => random.next()) } },
  multiclass: { evaluator: multiclassEvaluator({ classes: 3 }) as Evaluator<unknown>, rows: { labels: draw(() => random.below(3)), scores: shares.map((share, at) => { const from = at - (at % 3); return share / ((shares[from] ?? 0) + (shares[from + 1] ?? 0) + (shares[from + 2] ?? 0)); }) } },
  regression: { evaluator: regressionEvaluator({ delta: 0.5, cap: 1, zeros: 'skip' }) as Evaluator<unknown>, rows: { labels: draw(() => 1e6 + random.normal()), scores: draw(() => 1e6 + random.normal()) } },
  ranking: { evaluator: rankingEvaluator({ cutoff: 5 }) as Evaluator<unknown>, rows: { labels: draw(() => random.below(3)), scores: draw(() => random.normal()), queries: draw(() => 0).map((_, at) => Math.floor(at / 10)) } },
};

describe.each(Object.keys(data))('%s sums', (name) => {
  const { evaluator, rows: all } = data[name] as { evaluator: Evaluator<unknown>; rows: ScoredRows };

  it('merge to the same bits in any parts and order, through JSON', () => {
    const whole = JSON.stringify(evaluator.sums(all));
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 30, maxLength: 30 }), fc.boolean(), (assignment, backwards) => {
      const parts = [0, 1, 2, 3, 4].map((part) => Array.from({ length: rows }, (_, row) => row).filter((row) => assignment[Math.floor(row / 10)] === part));
      if (backwards) parts.reverse();
      const merged = parts.map((only) => JSON.parse(JSON.stringify(evaluator.sums(all, only))) as unknown).reduce((a, b) => evaluator.merge(a, b));
      expect(JSON.stringify(merged)).toBe(whole);
    }), { numRuns: 25 });
  });

  it('read every metric as a finite number or null with a reason, never NaN', () => {
    fc.assert(fc.property(fc.subarray(Array.from({ length: rows }, (_, row) => row), { maxLength: 4 }), (only) => {
      const sums = evaluator.sums(all, only);
      for (const metric of evaluator.names) {
        const got = evaluator.read(sums, metric);
        expect(got.value === null ? typeof got.reason : Number.isFinite(got.value) && got.reason === null, metric).toBe(got.value === null ? 'string' : true);
      }
    }), { numRuns: 60 });
  });

  it('refuse a metric of another task, and a parameter that is no number', () => {
    for (const metric of ['nonsense', 'toString', 'log_loss@', 'mae@x', name.startsWith('regression') ? 'auc' : 'rmse']) expect(() => evaluator.read(evaluator.sums(all), metric), metric).toThrowError(expect.toSatisfy((error) => isMettleError(error) && error.code === 'INVALID_INPUT'));
  });

  it('cut by segment and slot: the cells of all rows are those of the whole, and a month is the merge of its days', () => {
    const at = Array.from({ length: rows }, (_, row) => Math.floor(row / 10) * 10);
    const segments = { side: Array.from({ length: rows }, (_, row) => (row % 20 < 10 ? 'left' : null)), parity: Array.from({ length: rows }, (_, row) => Math.floor(row / 10) % 2) };
    const cells = cutCells(evaluator, all, { slots: { at, width: 50 }, segments });
    expect(cells.length).toBe(6 + 2 * 6 + 2 * 6);
    expect([...new Set(cells.map(({ segment }) => segment))]).toEqual([null, 'parity=0', 'parity=1', 'side=left', 'side=null']);
    const month = sumsWithin(evaluator, cells, null, { from: 0, to: rows });
    expect(JSON.stringify(month)).toBe(JSON.stringify(evaluator.sums(all)));
    const left = sumsWithin(evaluator, cells, 'side=left', { from: 100, to: 200 });
    expect(JSON.stringify(left)).toBe(JSON.stringify(evaluator.sums(all, Array.from({ length: rows }, (_, row) => row).filter((row) => (at[row] ?? 0) >= 100 && (at[row] ?? 0) < 200 && row % 20 < 10))));
    expect(sumsWithin(evaluator, cells, 'side=right', { from: 0, to: rows })).toBeNull();
    const days = [0, 1, 2].map((day) => cutCells(evaluator, slice(all, day * 100, day * 100 + 100), { slots: { at: at.slice(day * 100, day * 100 + 100), width: 50 }, segments: { side: segments.side.slice(day * 100, day * 100 + 100), parity: segments.parity.slice(day * 100, day * 100 + 100) } }));
    expect(JSON.stringify(mergeCells(evaluator, ...days))).toBe(JSON.stringify(cells));
  });
});

function slice({ labels, scores, queries }: ScoredRows, from: number, to: number): ScoredRows {
  const per = scores.length / labels.length;
  return { labels: Array.from(labels).slice(from, to), scores: Array.from(scores).slice(from * per, to * per), ...(queries === undefined ? {} : { queries: Array.from(queries).slice(from, to) }) };
}

describe('bad input', () => {
  it.each([
    ['a label that is no class', () => evaluate('binary', { labels: [2], scores: [0.5] })],
    ['a missing label', () => evaluate('binary', { labels: [Number.NaN], scores: [0.5] })],
    ['no probability', () => evaluate('binary', { labels: [1], scores: [Number.NaN] })],
    ['other lengths', () => evaluate('binary', { labels: [1, 0], scores: [0.5] })],
    ['a threshold beyond 1', () => binaryEvaluator({ threshold: 2 })],
    ['no classes', () => evaluate('multiclass', { labels: [0], scores: [1] })],
    ['a class too many', () => evaluate('multiclass', { labels: [3], scores: [0.2, 0.3, 0.5] }, { classes: 3 })],
    ['rows that do not sum to 1', () => evaluate('multiclass', { labels: [0], scores: [0.2, 0.3, 0.4] }, { classes: 3 })],
    ['an infinite prediction', () => evaluate('regression', { labels: [1], scores: [Number.POSITIVE_INFINITY] })],
    ['a quantile beyond 1', () => evaluate('regression', { labels: [1], scores: [2] }, {}, ['pinball@2'])],
    ['Huber without its delta', () => evaluate('regression', { labels: [1], scores: [2] }, {}, ['huber'])],
    ['a negative relevance', () => evaluate('ranking', { labels: [-1], scores: [1], queries: [0] })],
    ['no queries', () => evaluate('ranking', { labels: [1], scores: [1] })],
    ['F of beta 0', () => evaluate('binary', { labels: [1], scores: [1] }, {}, ['f_beta@0'])],
    ['sums of two thresholds', () => binaryEvaluator().merge(binaryEvaluator().sums({ labels: [], scores: [] }), binaryEvaluator({ threshold: 0.1 }).sums({ labels: [], scores: [] }))],
  ])('%s is a typed error', (_, ask) => {
    expect(ask).toThrowError(expect.toSatisfy((error) => isMettleError(error) && error.code === 'INVALID_INPUT'));
  });
});
