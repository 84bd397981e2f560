import { MettleError } from '@mettle/contracts';
import { betaQuantile } from '../beta.ts';
import { checkAlpha, checkWhole } from '../checks.ts';
import type { IntervalResult, Method } from '../method.ts';
import { interval, noInterval } from '../method.ts';
import { normalUpperQuantile } from '../normal.ts';

export const WILSON: Method = { name: 'wilson', kind: 'interval', direction: 'both', needs: 'counts', citation: 'Wilson (1927)' };
export const CLOPPER_PEARSON: Method = { name: 'clopper-pearson', kind: 'interval', direction: 'both', needs: 'counts', citation: 'Clopper & Pearson (1934)' };
export const NEWCOMBE: Method = { name: 'newcombe-difference', kind: 'interval', direction: 'both', needs: 'counts', citation: 'Newcombe (1998), method 10' };

function check(hits: number, of: number, alpha: number): void {
  checkWhole(hits, 'hits');
  checkWhole(of, 'of');
  checkAlpha(alpha);
  if (hits > of) throw new MettleError('INVALID_INPUT', 'hits are at most the trials', { hits, of });
}

/** Score interval of a share, coverage 1 - alpha on average. */
export function wilsonInterval(hits: number, of: number, alpha: number): IntervalResult {
  check(hits, of, alpha);
  if (of === 0) return noInterval('EMPTY_SAMPLE');
  const z = normalUpperQuantile(alpha / 2);
  const p = hits / of;
  const middle = (p + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of);
  return interval(p, hits === 0 ? 0 : Math.max(0, middle - half), hits === of ? 1 : Math.min(1, middle + half));
}

/** Exact interval of a share: coverage at least 1 - alpha at every share. */
export function clopperPearsonInterval(hits: number, of: number, alpha: number): IntervalResult {
  check(hits, of, alpha);
  if (of === 0) return noInterval('EMPTY_SAMPLE');
  return interval(hits / of, hits === 0 ? 0 : betaQuantile(alpha / 2, hits, of - hits + 1), hits === of ? 1 : 1 - betaQuantile(alpha / 2, of - hits, hits + 1));
}

/** Interval of the difference of two shares, from their Wilson limits. */
export function newcombeInterval(a: { hits: number; of: number }, b: { hits: number; of: number }, alpha: number): IntervalResult {
  const first = wilsonInterval(a.hits, a.of, alpha);
  const second = wilsonInterval(b.hits, b.of, alpha);
  if (first.estimate === null || second.estimate === null) return noInterval('EMPTY_SAMPLE');
  const difference = first.estimate - second.estimate;
  return interval(difference, difference - Math.hypot(first.estimate - first.low, second.high - second.estimate), difference + Math.hypot(first.high - first.estimate, second.estimate - second.low));
}
