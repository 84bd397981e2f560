import { aucVariance } from '../intervals/delong.ts';
import type { IntervalResult } from '../method.ts';
import { ESTIMATED_METRICS, MULTICLASS_ESTIMATED, estimateMulticlass, estimatePerformance, normaliseProbabilities } from '../performance/cbpe.ts';
import type { Random } from '../random.ts';
import { alarmRate } from '../thresholds/false-alarm-rate.ts';
import { ALPHAS } from './drift-rules.ts';
import type { IntervalRow } from './interval-misses.ts';

/** How often the realised metric of `n` rows lies outside the interval that was estimated without their labels, when scores are calibrated. */
export function performanceMisses(n: number, runs: number, random: Random): IntervalRow[] {
  return [
    ...missesOf('estimatePerformance', ESTIMATED_METRICS, n, runs, () => {
      const scores = Float64Array.from({ length: n }, () => random.next() ** 1.5);
      const predicted = scores.map((score) => Number(score >= 0.4));
      const labels = scores.map((score) => Number(random.next() < score));
      return (metric, alpha) => ({
        interval: estimatePerformance({ scores, predicted, probabilities: scores }, metric, alpha).interval,
        // Labels in the place of probabilities: expected counts are counted ones.
        realised: metric === 'auc' ? (aucVariance(labels, scores)?.auc ?? null) : estimatePerformance({ scores, predicted, probabilities: labels }, metric, alpha).interval.estimate,
      });
    }),
    ...missesOf('estimateMulticlass', MULTICLASS_ESTIMATED, n, runs, () => {
      const probabilities = normaliseProbabilities(Float64Array.from({ length: n * CLASSES }, () => random.next() ** 2 + 0.01), CLASSES);
      const rows = { classes: CLASSES, scores: probabilities, probabilities, predicted: Array.from({ length: n }, (_, row) => likeliest(probabilities.subarray(row * CLASSES, (row + 1) * CLASSES))) };
      const labels = new Float64Array(n * CLASSES);
      for (let row = 0; row < n; row += 1) labels[row * CLASSES + drawn(probabilities.subarray(row * CLASSES, (row + 1) * CLASSES), random)] = 1;
      return (metric, alpha) => ({ interval: estimateMulticlass(rows, metric, alpha).interval, realised: estimateMulticlass({ ...rows, probabilities: labels }, metric, alpha).interval.estimate });
    }),
  ];
}

const CLASSES = 3;

function likeliest(probabilities: Float64Array): number {
  return probabilities.indexOf(Math.max(...probabilities));
}

function drawn(probabilities: Float64Array, random: Random): number {
  let u = random.next();
  for (let at = 0; at < probabilities.length - 1; at += 1) {
    u -= probabilities[at] as number;
    if (u < 0) return at;
  }
  return probabilities.length - 1;
}

function missesOf<Metric extends string>(method: string, metrics: readonly Metric[], n: number, runs: number, draw: () => (metric: Metric, alpha: number) => { interval: IntervalResult; realised: number | null }): IntervalRow[] {
  const misses = metrics.map(() => ALPHAS.map(() => 0));
  for (let run = 0; run < runs; run += 1) {
    const ask = draw();
    metrics.forEach((metric, which) => ALPHAS.forEach((alpha, level) => {
      const { interval: { low, high }, realised } = ask(metric, alpha);
      if (low === null || high === null || realised === null || realised < low || realised > high) (misses[which] as number[])[level] = (misses[which]?.[level] as number) + 1;
    }));
  }
  return metrics.flatMap((metric, which) => ALPHAS.map((alpha, level) => ({ method, population: metric, n, m: null, alpha, ...alarmRate(misses[which]?.[level] ?? 0, runs) })));
}
