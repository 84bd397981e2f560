import { blockResample } from '../block-bootstrap.ts';
import { checkAlpha, checkFinite, checkWhole } from '../checks.ts';
import type { IntervalResult, Method } from '../method.ts';
import { interval, noInterval } from '../method.ts';
import { normalCdf, normalQuantile } from '../normal.ts';
import type { Random } from '../random.ts';
import { isConstant } from '../sorted.ts';
import { quantileOf } from '../summaries/edges.ts';

export const BCA: Method = { name: 'bootstrap-bca', kind: 'interval', direction: 'both', needs: 'values', citation: 'Efron (1987); as scipy.stats.bootstrap(method="BCa")' };
export const MOVING_BLOCK: Method = { name: 'bootstrap-moving-block', kind: 'interval', direction: 'both', needs: 'stream', citation: 'Künsch (1989), circular blocks by Politis & Romano (1992)' };

type Statistic = (values: Float64Array) => number;

/** Bias-corrected and accelerated limits from replicates and jackknife values. Replicates at the estimate count half. */
export function bcaLimits(estimate: number, replicates: ArrayLike<number>, jackknife: ArrayLike<number>, alpha: number): IntervalResult {
  checkAlpha(alpha);
  checkFinite(replicates, 'replicates');
  const b = replicates.length;
  const n = jackknife.length;
  if (b === 0 || n === 0) return noInterval('EMPTY_SAMPLE');
  let below = 0;
  for (let at = 0; at < b; at += 1) below += (replicates[at] as number) < estimate ? 1 : (replicates[at] as number) === estimate ? 0.5 : 0;
  const mean = Array.from(jackknife).reduce((sum, value) => sum + value, 0) / n;
  let cubes = 0;
  let squares = 0;
  for (let at = 0; at < n; at += 1) {
    const d = mean - (jackknife[at] as number);
    cubes += d ** 3;
    squares += d ** 2;
  }
  if (!(squares > 0) || below === 0 || below === b) return noInterval('NO_VARIANCE');
  const acceleration = cubes / (6 * squares ** 1.5);
  const z0 = normalQuantile(below / b);
  const sorted = Float64Array.from(replicates).sort();
  const limit = (z: number): number => quantileOf(sorted, normalCdf(z0 + (z0 + z) / (1 - acceleration * (z0 + z))));
  return interval(estimate, limit(normalQuantile(alpha / 2)), limit(-normalQuantile(alpha / 2)));
}

/** BCa interval of a statistic of independent values; the jackknife costs n evaluations. */
export function bcaInterval(values: ArrayLike<number>, options: { statistic: Statistic; alpha: number; rounds: number; random: Random }): IntervalResult {
  checkFinite(values);
  checkWhole(options.rounds, 'rounds', 1);
  checkAlpha(options.alpha);
  const n = values.length;
  if (n < 2) return noInterval(n === 0 ? 'EMPTY_SAMPLE' : 'TOO_FEW_VALUES');
  const data = Float64Array.from(values);
  if (isConstant(data)) return noInterval('NO_VARIANCE');
  const drawn = new Float64Array(n);
  const replicates = Float64Array.from({ length: options.rounds }, () => {
    for (let at = 0; at < n; at += 1) drawn[at] = data[options.random.below(n)] as number;
    return options.statistic(drawn);
  });
  const rest = data.slice(1);
  const jackknife = Float64Array.from({ length: n }, (_, at) => {
    if (at > 0) rest[at - 1] = data[at - 1] as number;
    return options.statistic(rest);
  });
  return bcaLimits(options.statistic(data), replicates, jackknife, options.alpha);
}

/** Basic (reflected percentile) interval of a statistic of an ordered, dependent series, in circular blocks of `block` terms. */
export function movingBlockInterval(values: ArrayLike<number>, options: { statistic: Statistic; alpha: number; block: number; rounds: number; random: Random }): IntervalResult {
  checkFinite(values);
  checkWhole(options.rounds, 'rounds', 1);
  checkWhole(options.block, 'block', 1);
  checkAlpha(options.alpha);
  const n = values.length;
  if (n < 2 * options.block) return noInterval(n === 0 ? 'EMPTY_SAMPLE' : 'TOO_FEW_VALUES');
  const data = Float64Array.from(values);
  if (isConstant(data)) return noInterval('NO_VARIANCE');
  const at = new Int32Array(n);
  const drawn = new Float64Array(n);
  const replicates = Float64Array.from({ length: options.rounds }, () => {
    blockResample(at, n, options.block, options.random);
    for (let k = 0; k < n; k += 1) drawn[k] = data[at[k] as number] as number;
    return options.statistic(drawn);
  }).sort();
  const estimate = options.statistic(data);
  return interval(estimate, 2 * estimate - quantileOf(replicates, 1 - options.alpha / 2), 2 * estimate - quantileOf(replicates, options.alpha / 2));
}
