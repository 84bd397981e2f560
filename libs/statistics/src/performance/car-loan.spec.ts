import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { jensenShannonDistance } from '../distances/index.ts';
import { aucVariance } from '../intervals/index.ts';
import { binnedKs } from '../kolmogorov-smirnov.ts';
import { doaneEdges, emptyNumericProfile, equalWidthEdges, histogramOf, profileValues } from '../summaries/index.ts';
import { alertBand } from './alert-band.ts';
import { calibrate, fitCalibration } from './calibration.ts';
import type { EstimatedMetric } from './cbpe.ts';
import { estimatePerformance } from './cbpe.ts';

interface Column { value: number[]; upper: number | null; lower: number | null; alert: boolean[] }
interface Rows { scores: number[]; labels: string; predicted: string; ratios: number[][] }
interface Want { estimated: Record<string, Column>; realised: Record<string, Column>; ks: Column; js: Column }
interface Table { chunk: number; calibrated: boolean; reference: Rows; analysis: Rows; want: Record<'reference' | 'analysis', Want> }

const table = JSON.parse(gunzipSync(readFileSync(new URL('../../goldens/car-loan.json.gz', import.meta.url))).toString('utf8')) as Table;
/** Ours and NannyML's, which estimates no average precision with the rows' own variance, and no loss. */
const NAMES = { auc: 'roc_auc', f1: 'f1', precision: 'precision', recall: 'recall', specificity: 'specificity', accuracy: 'accuracy', tp: 'true_positive', fp: 'false_positive', tn: 'true_negative', fn: 'false_negative' } satisfies Partial<Record<EstimatedMetric, string>>;
const PERIODS = ['reference', 'analysis'] as const;

const bits = (text: string): number[] => Array.from(text, Number);
const scoresOf = (rows: Rows): number[] => rows.scores.map((units) => units / 100);
const chunks = <T>(rows: readonly T[]): T[][] => Array.from({ length: rows.length / table.chunk }, (_, at) => rows.slice(at * table.chunk, (at + 1) * table.chunk));
const ratiosOf = (rows: Rows): number[][] => rows.ratios.map((steps) => { let units = 0; return steps.map((step) => { units += step; return units / 1e10; }); });
const alertsOf = (values: readonly number[], band: { lower: number; upper: number }): boolean[] => values.map((value) => value < band.lower || value > band.upper);

function close(got: readonly number[], want: readonly number[], limit: number): void {
  expect(got).toHaveLength(want.length);
  got.forEach((value, at) => expect(Math.abs(value - (want[at] ?? Number.NaN)) / Math.abs(want[at] ?? 1), `chunk ${at}: ${value} against ${want[at]}`).toBeLessThanOrEqual(limit));
}

describe("NannyML's car-loan table, chunks of 5000", () => {
  const reference = { scores: scoresOf(table.reference), labels: bits(table.reference.labels) };
  const calibration = fitCalibration(reference.labels, reference.scores);

  it('needs calibration or not as NannyML says', () => {
    expect(calibration.fit !== null).toBe(table.calibrated);
  });

  const realised = (rows: Rows, metric: EstimatedMetric): number[] => {
    const [scores, labels, predicted] = [chunks(scoresOf(rows)), chunks(bits(rows.labels)), chunks(bits(rows.predicted))];
    return scores.map((part, at) =>
      metric === 'auc'
        ? aucVariance(labels[at] ?? [], part)?.auc ?? Number.NaN
        // Labels in the place of probabilities: the expected counts are the counted ones.
        : estimatePerformance({ scores: part, predicted: predicted[at] ?? [], probabilities: labels[at] ?? [] }, metric, 0.05).interval.estimate ?? Number.NaN);
  };

  it.each(Object.keys(NAMES) as (keyof typeof NAMES)[])('estimates and realises %s, with the same alerts', (metric) => {
    const limits = alertBand(realised(table.reference, metric).map((value) => (metric.length === 2 && metric !== 'f1' ? value / table.chunk : value)));
    for (const period of PERIODS) {
      const want = { estimated: table.want[period].estimated[NAMES[metric]] as Column, realised: table.want[period].realised[NAMES[metric]] as Column };
      const rows = table[period];
      const [scores, predicted] = [chunks(scoresOf(rows)), chunks(bits(rows.predicted))];
      const estimates = scores.map((part, at) => estimatePerformance({ scores: part, predicted: predicted[at] ?? [], probabilities: calibrate(calibration, part) }, metric, 0.05).interval.estimate ?? Number.NaN);
      // NannyML rounds the cumulative counts of its estimated AUC to 1e-5.
      close(estimates, want.estimated.value, metric === 'auc' ? 1e-8 : 1e-10);
      const seen = realised(rows, metric);
      close(seen, want.realised.value, 1e-10);
      const unit = metric.length === 2 && metric !== 'f1' ? table.chunk : 1;
      const band = { lower: (limits?.lower ?? 0) * unit, upper: (limits?.upper ?? 1) * unit };
      if (want.realised.lower !== null) close([band.lower], [want.realised.lower], 1e-9);
      expect(alertsOf(estimates, band)).toEqual(want.estimated.alert);
      expect(alertsOf(seen, band)).toEqual(want.realised.alert);
    }
  });

  it('measures the drift of debt_to_income, with the same alerts', () => {
    const all = ratiosOf(table.reference).flat();
    const doane = doaneEdges(all) ?? [];
    const fine = equalWidthEdges(all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b)), 10_000);
    const counts = (values: readonly number[], edges: readonly number[]): number[] => histogramOf(profileValues(emptyNumericProfile(edges), values));
    for (const method of ['ks', 'js'] as const) {
      const edges = method === 'ks' ? fine : doane;
      const whole = counts(all, edges);
      const distance = (values: readonly number[]): number => {
        const [under = 0, ...rest] = counts(values, edges);
        const over = rest.pop() ?? 0;
        // NannyML puts what lies outside the reference's range in one bin of its own.
        return method === 'ks' ? binnedKs(whole, [under, ...rest, over]) ?? Number.NaN : jensenShannonDistance([...whole.slice(1, -1), 0], [...rest, under + over], { base: 2 }).value ?? Number.NaN;
      };
      const byPeriod = { reference: ratiosOf(table.reference).map(distance), analysis: ratiosOf(table.analysis).map(distance) };
      const band = alertBand(byPeriod.reference) ?? { lower: 0, upper: 0 };
      for (const period of PERIODS) {
        const want = table.want[period][method];
        close(byPeriod[period], want.value, 1e-9);
        close([band.upper], [want.upper ?? Number.NaN], 1e-9);
        expect(alertsOf(byPeriod[period], { lower: -1, upper: band.upper })).toEqual(want.alert);
      }
      if (method === 'ks') expect(byPeriod.analysis[4]?.toFixed(5)).toBe('0.01918');
      else expect(byPeriod.analysis[6]?.toFixed(7)).toBe('0.0436276');
    }
  });
});
