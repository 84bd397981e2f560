import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { binaryMetrics } from './binary-metrics.ts';
import { evaluate, findSlices, sliceColumn } from './index.ts';
import type { FindOptions, ScoredRows, TaskOptions } from './index.ts';
import { largestDifference } from './testing/difference.ts';

interface Given { task: 'binary' | 'multiclass' | 'regression' | 'ranking'; rows: ScoredRows; options: TaskOptions & FindOptions; metrics: string[]; labels: number[]; scores: number[]; columns: Record<string, string[]>; errors: number[] }
interface Case { method: string; case: string; authority: string; given: Given; want: unknown; tolerance: number }

const { cases } = JSON.parse(readFileSync(new URL('../goldens/evaluation.json', import.meta.url), 'utf8')) as { cases: Case[] };

const METHODS: Record<string, (given: Given) => unknown> = {
  evaluate: ({ task, rows, options, metrics }) => evaluate(task, rows, options, metrics),
  binaryMetrics: ({ labels, scores }) => {
    const { auc, log_loss: loss } = binaryMetrics(labels, scores);
    return { auc: auc?.value, aucError: auc?.standardError, logLoss: loss?.value, rows: loss?.rows };
  },
  findSlices: ({ columns, errors, options }) => findSlices(Object.entries(columns).map(([name, values]) => sliceColumn(name, values)), errors, options),
};

describe.each([...new Set(cases.map(({ method }) => method))])('%s gives the authority\'s numbers', (method) => {
  it.each(cases.filter((one) => one.method === method))('$case ($authority)', ({ given, want, tolerance }) => {
    const got = METHODS[method]?.(given);
    for (const [name, value] of Object.entries(want as Record<string, unknown>)) {
      const found = (got as Record<string, unknown>)[name];
      expect(largestDifference(found, value), `${name}: ${JSON.stringify(found)?.slice(0, 300)} against ${JSON.stringify(value).slice(0, 300)}`).toBeLessThanOrEqual(tolerance);
    }
  });
});
