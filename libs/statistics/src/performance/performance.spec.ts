import { isMettleError } from '@mettle/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aucVariance } from '../intervals/index.ts';
import { createRandom } from '../random.ts';
import { alertBand } from './alert-band.ts';
import { calibrationError } from './calibration-error.ts';
import { calibrate, fitCalibration } from './calibration.ts';
import type { EstimatedMetric, MulticlassRows } from './cbpe.ts';
import { CBPE_BLINDNESS, ESTIMATED_METRICS, MULTICLASS_ESTIMATED, estimateMulticlass, estimateOf, estimatePerformance, normaliseProbabilities } from './cbpe.ts';
import type { ClassRows } from './estimates.ts';
import { isotonicAt, isotonicFit } from './isotonic.ts';

const invalid = expect.toSatisfy((error) => isMettleError(error) && error.code === 'INVALID_INPUT');

describe('isotonic regression', () => {
  const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: -5, max: 5 })), { minLength: 1, maxLength: 30 });

  it('is the max-min of means, which no other never-falling fit beats', () => {
    fc.assert(fc.property(points, (rows) => {
      const x = rows.map(([one]) => one);
      const y = rows.map(([, one]) => one);
      const fit = isotonicFit(x, y) ?? { x: [], y: [] };
      const distinct = [...new Set(x)].sort((a, b) => a - b);
      const mean = (from: number, to: number): number => { const within = rows.filter(([one]) => one >= from && one <= to); return within.reduce((sum, [, one]) => sum + one, 0) / within.length; };
      for (const at of distinct) {
        const want = Math.max(...distinct.filter((a) => a <= at).map((a) => Math.min(...distinct.filter((b) => b >= at).map((b) => mean(a, b)))));
        expect(isotonicAt(fit, at)).toBeCloseTo(want, 10);
      }
    }), { numRuns: 200 });
  });

  it('never falls, between knots and beyond them', () => {
    fc.assert(fc.property(points, fc.double({ min: -5, max: 20, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true }), (rows, at, step) => {
      const fit = isotonicFit(rows.map(([x]) => x), rows.map(([, y]) => y)) ?? { x: [], y: [] };
      expect(isotonicAt(fit, at + step)).toBeGreaterThanOrEqual(isotonicAt(fit, at) - 1e-12);
    }));
  });

  it('has nothing to fit without rows, and refuses NaN', () => {
    expect(isotonicFit([], [])).toBeNull();
    expect(() => isotonicFit([Number.NaN], [1])).toThrowError(invalid);
    expect(() => isotonicFit([1], [1, 2])).toThrowError(invalid);
    expect(() => isotonicAt({ x: [0], y: [1] }, Number.NaN)).toThrowError(invalid);
  });
});

describe('calibration', () => {
  const random = createRandom(31);
  const truth = Array.from({ length: 4000 }, () => random.next());
  const labels = truth.map((p) => (random.next() < p ? 1 : 0));

  it('is kept where it lowers the error out of fold', () => {
    const scores = truth.map((p) => p ** 3);
    const got = fitCalibration(labels, scores);
    expect(got.fit).not.toBeNull();
    expect(got.errorAfter ?? 9).toBeLessThan((got.errorBefore ?? 0) / 3);
    const calibrated = calibrate(got, scores);
    expect(truth.reduce((worst, p, row) => Math.max(worst, p > 0.1 && p < 0.9 ? Math.abs((calibrated[row] ?? 9) - p) : 0), 0)).toBeLessThan(0.15);
  });

  it('is not kept where it does not: two scores that mean what they say', () => {
    const scores = labels.map((_, row) => (row % 2 === 0 ? 0.25 : 0.75));
    const exact = scores.map((p, row) => (Math.floor(row / 2) % 4 < p * 4 ? 1 : 0));
    const got = fitCalibration(exact, scores);
    expect(got).toMatchObject({ fit: null, errorBefore: 0 });
    expect(Array.from(calibrate(got, [0.3, 0.7]))).toEqual([0.3, 0.7]);
  });

  it('is not learned from one class or a handful of rows', () => {
    expect(fitCalibration(labels.map(() => 1), truth)).toMatchObject({ fit: null, errorAfter: null });
    expect(fitCalibration([0, 1], [0.9, 0.1])).toMatchObject({ fit: null, errorAfter: null });
    expect(fitCalibration([], [])).toEqual({ v: 1, fit: null, errorBefore: null, errorAfter: null, rows: 0 });
    expect(() => fitCalibration([2], [0.5])).toThrowError(invalid);
    expect(() => calibrate({ v: 1, fit: null, errorBefore: null, errorAfter: null, rows: 0 }, [1.5])).toThrowError(invalid);
  });

  it('error of equal-mass bins keeps rows of one score together', () => {
    // Four rows of one score, half positive: no bin may take the positives alone.
    expect(calibrationError([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5], { scheme: 'equal-mass', bins: 2 }).value).toBe(0);
    expect(calibrationError([1, 1, 0, 0], [0.2, 0.2, 0.2, 0.2], { scheme: 'equal-width', bins: 5 }).value).toBeCloseTo(0.3, 12);
    // [½, ¾) holds its lower edge and not its upper one; 1 is in the last bin.
    expect(calibrationError([1, 0, 1, 0], [0.5, 0.625, 0.75, 1], { scheme: 'equal-width', bins: 4 }).value).toBeCloseTo((0.125 + 0.75) / 4, 12);
    expect(() => calibrationError([1], [2], { scheme: 'equal-width', bins: 5 })).toThrowError(invalid);
    expect(() => calibrationError([1], [0.2], { scheme: 'equal-width', bins: 0 })).toThrowError(invalid);
  });
});

/** Labels in the place of probabilities: expected counts are counted ones. */
const realised = (rows: ClassRows, labels: number[], metric: EstimatedMetric): number | null =>
  metric === 'auc' ? aucVariance(labels, rows.scores)?.auc ?? null : estimatePerformance({ ...rows, probabilities: labels }, metric, 0.5).interval.estimate;

describe('performance without labels', () => {
  const random = createRandom(41);
  const scores = Array.from({ length: 600 }, () => Math.round(100 * random.next() ** 1.5) / 100);
  const rows: ClassRows = { scores, predicted: scores.map((p) => (p >= 0.4 ? 1 : 0)), probabilities: scores };

  it('holds the realised value in its interval as often as it says, when scores are calibrated (seeded, Monte-Carlo error 1.5 points)', () => {
    const runs = 400;
    const intervals = ESTIMATED_METRICS.map((metric) => estimatePerformance(rows, metric, 0.1).interval);
    const held = ESTIMATED_METRICS.map(() => 0);
    for (let run = 0; run < runs; run += 1) {
      const labels = scores.map((p) => (random.next() < p ? 1 : 0));
      ESTIMATED_METRICS.forEach((metric, at) => {
        const value = realised(rows, labels, metric) ?? Number.NaN;
        const { low, high } = intervals[at] ?? { low: null, high: null };
        if (low !== null && value >= low && value <= high) held[at] = (held[at] ?? 0) + 1;
      });
    }
    ESTIMATED_METRICS.forEach((metric, at) => {
      expect((held[at] ?? 0) / runs, metric).toBeGreaterThan(0.855);
      expect((held[at] ?? 0) / runs, metric).toBeLessThan(0.945);
    });
  });

  it('holds for macro means over classes too', () => {
    const classes = 3;
    const n = 500;
    const raw = Float64Array.from({ length: n * classes }, () => random.next() ** 2 + 0.01);
    const probabilities = normaliseProbabilities(raw, classes);
    const predicted = Array.from({ length: n }, (_, row) => [0, 1, 2].reduce((best, which) => ((probabilities[row * classes + which] ?? 0) > (probabilities[row * classes + best] ?? 0) ? which : best), 0));
    const all: MulticlassRows = { classes, scores: probabilities, probabilities, predicted };
    const runs = 250;
    const held: Record<string, number> = {};
    for (let run = 0; run < runs; run += 1) {
      const drawn = new Float64Array(n * classes);
      for (let row = 0; row < n; row += 1) {
        let u = random.next();
        let which = 0;
        while (which < classes - 1 && u >= (probabilities[row * classes + which] ?? 0)) { u -= probabilities[row * classes + which] ?? 0; which += 1; }
        drawn[row * classes + which] = 1;
      }
      for (const metric of MULTICLASS_ESTIMATED) {
        const { low, high } = estimateMulticlass(all, metric, 0.1).interval;
        const value = estimateMulticlass({ ...all, probabilities: drawn }, metric, 0.1).interval.estimate;
        if (low !== null && value !== null && value >= low && value <= high) held[metric] = (held[metric] ?? 0) + 1;
      }
    }
    for (const metric of MULTICLASS_ESTIMATED) {
      expect((held[metric] ?? 0) / runs, metric).toBeGreaterThan(0.84);
      expect((held[metric] ?? 0) / runs, metric).toBeLessThan(0.955);
    }
  });

  it('expects what the enumeration of all labels gives: losses, counts, and the numerator of average precision', () => {
    const few: ClassRows = { scores: [0.9, 0.7, 0.7, 0.5, 0.3, 0.1], predicted: [1, 1, 1, 1, 0, 0], probabilities: [0.8, 0.75, 0.6, 0.5, 0.35, 0.05] };
    const sums = new Map<EstimatedMetric, number>();
    const linear = ['log_loss', 'brier', 'accuracy', 'tp', 'fn', 'average_precision'] as const;
    const positives = Array.from(few.probabilities).reduce((sum, c) => sum + c, 0);
    for (let bits = 0; bits < 64; bits += 1) {
      const labels = Array.from(few.scores, (_, row) => (bits >> row) & 1);
      const weight = labels.reduce<number>((product, label, row) => product * (label === 1 ? (few.probabilities[row] ?? 0) : 1 - (few.probabilities[row] ?? 0)), 1);
      const found = labels.reduce<number>((sum, label) => sum + label, 0);
      for (const metric of linear) {
        const value = metric === 'average_precision' && found === 0 ? 0 : realised(few, labels, metric) ?? Number.NaN;
        sums.set(metric, (sums.get(metric) ?? 0) + weight * value * (metric === 'average_precision' ? found / positives : 1));
      }
    }
    for (const metric of linear) expect(estimatePerformance(few, metric, 0.1).interval.estimate, metric).toBeCloseTo(sums.get(metric) ?? Number.NaN, 12);
  });

  it('varies with each probability as its derivative says', () => {
    const few: ClassRows = { scores: [0.9, 0.7, 0.7, 0.5, 0.3, 0.1], predicted: [1, 1, 1, 1, 0, 0], probabilities: [0.8, 0.75, 0.6, 0.5, 0.35, 0.05] };
    const step = 1e-6;
    for (const metric of ESTIMATED_METRICS) {
      const at = (row: number, by: number): number => estimateOf({ ...few, probabilities: Array.from(few.probabilities, (c, k) => (k === row ? c + by : c)) }, metric).value ?? Number.NaN;
      estimateOf(few, metric).gradient?.forEach((slope, row) => { expect(slope, `${metric} ${row}`).toBeCloseTo((at(row, step) - at(row, -step)) / (2 * step), 7); });
    }
  });

  it('of known labels is the metric itself: average precision as scikit-learn has it, with ties', () => {
    // sklearn.metrics.average_precision_score([0, 0, 1, 1, 1], [.1, .4, .35, .8, .4]) of 1.7.
    const labels = [0, 0, 1, 1, 1];
    const known: ClassRows = { scores: [0.1, 0.4, 0.35, 0.8, 0.4], predicted: [0, 0, 0, 1, 0], probabilities: labels };
    expect(estimatePerformance(known, 'average_precision', 0.1).interval).toMatchObject({ estimate: expect.closeTo(1 / 3 + 2 / 9 + 1 / 4, 12) as number, reason: null });
    expect(estimatePerformance(known, 'log_loss', 0.1).interval.estimate).toBeCloseTo(-(Math.log(0.9) + Math.log(0.6) + Math.log(0.35) + Math.log(0.8) + Math.log(0.4)) / 5, 12);
  });

  it('is blind to concept drift, and says so', () => {
    const before = estimatePerformance(rows, 'accuracy', 0.05);
    const flipped = scores.map((p) => (random.next() < 1 - p ? 1 : 0));
    // The same scores give the same estimate whatever became of the outcomes.
    expect(realised(rows, flipped, 'accuracy') ?? 1).toBeLessThan((before.interval.low ?? 0) - 0.2);
    expect(before.blindness).toBe(CBPE_BLINDNESS);
    expect(CBPE_BLINDNESS).toMatch(/concept drift/);
  });

  it('says why a metric is missing, and refuses bad input', () => {
    const none: ClassRows = { scores: [0.2, 0.3], predicted: [0, 0], probabilities: [0.2, 0.3] };
    expect(estimatePerformance(none, 'precision', 0.05).interval.reason).toBe('NO_PREDICTED_POSITIVES');
    expect(estimatePerformance({ ...none, probabilities: [0, 0] }, 'f1', 0.05).interval.reason).toBe('NO_PREDICTED_POSITIVES');
    expect(estimatePerformance({ ...none, probabilities: [0, 0] }, 'recall', 0.05).interval.reason).toBe('ONE_CLASS');
    expect(estimatePerformance({ ...none, probabilities: [1, 1] }, 'auc', 0.05).interval.reason).toBe('ONE_CLASS');
    for (const metric of ESTIMATED_METRICS) expect(estimatePerformance({ scores: [], predicted: [], probabilities: [] }, metric, 0.05).interval).toEqual({ estimate: null, low: null, high: null, reason: 'EMPTY_SAMPLE' });
    expect(estimateMulticlass({ classes: 3, scores: [0.2, 0.3, 0.5], probabilities: [0.2, 0.3, 0.5], predicted: [2] }, 'precision', 0.05).interval.reason).toBe('NO_PREDICTED_POSITIVES');
    expect(estimatePerformance({ ...none, probabilities: [0, 0] }, 'average_precision', 0.05).interval.reason).toBe('ONE_CLASS');
    expect(() => estimatePerformance(rows, 'logloss' as EstimatedMetric, 0.05)).toThrowError(invalid);
    expect(() => estimatePerformance({ ...none, scores: [0.2, 1.5] }, 'log_loss', 0.05)).toThrowError(invalid);
    expect(() => estimatePerformance(rows, 'auc', 1)).toThrowError(invalid);
    expect(() => estimatePerformance({ ...none, probabilities: [0.2, Number.NaN] }, 'auc', 0.05)).toThrowError(invalid);
    expect(() => estimatePerformance({ ...none, predicted: [0, 2] }, 'f1', 0.05)).toThrowError(invalid);
    expect(() => estimateMulticlass({ classes: 3, scores: [0.2], probabilities: [0.2], predicted: [0] }, 'f1', 0.05)).toThrowError(invalid);
  });

  it('alerts beyond three standard deviations of the reference', () => {
    expect(alertBand([0.7, 0.8])).toEqual({ lower: expect.closeTo(0.6, 12) as number, upper: expect.closeTo(0.9, 12) as number });
    expect(alertBand([0, 1])).toEqual({ lower: 0, upper: 1 });
    expect(alertBand([])).toBeNull();
  });
});
