import { logBetaCdf, logBetaSf } from '../beta.ts';
import { checkAlpha, checkFinite, checkRange, checkWhole } from '../checks.ts';
import { logBeta } from '../gamma.ts';
import type { IntervalResult, Method } from '../method.ts';
import { interval, noInterval } from '../method.ts';
import { firstWhole } from '../search.ts';
import { binOf, checkEdges } from '../summaries/edges.ts';
import { betaPriorFor } from './beta-binomial.ts';
import type { Reading } from './reading.ts';
import { logMeanOf, noReading } from './reading.ts';

export const QUANTILE_DIFFERENCE: Method = { name: 'quantile-difference', kind: 'anytime-valid', direction: 'both', needs: 'stream', citation: 'Howard & Ramdas (2022), sequential quantiles; one-sided Beta mixture on the count at or below' };

export interface QuantileOptions {
  /** Of the interval; each of its ends holds at alpha / 2. */
  readonly alpha: number;
  /** Which quantile, in (0, 1): 0.95 for a tail latency. */
  readonly quantile: number;
  /** Fixed, rising edges: values are only told apart by them, so the interval is as wide as the edges are coarse. */
  readonly edges: readonly number[];
  readonly tunedFor: number;
}

/** JSON. Counts by (edge, edge] per arm, below and above included; running ends of both arms' quantiles; ln of the largest evidence. */
export interface QuantileState {
  readonly v: 1;
  readonly options: QuantileOptions;
  readonly counts: readonly [readonly number[], readonly number[]];
  readonly low: readonly [number | null, number | null];
  readonly high: readonly [number | null, number | null];
  readonly evidence: number;
}

export function startQuantileDifference(options: QuantileOptions): QuantileState {
  checkAlpha(options.alpha);
  checkRange(options.quantile, 'quantile', Number.EPSILON, 1 - Number.EPSILON);
  checkEdges(options.edges);
  checkWhole(options.tunedFor, 'tunedFor', 1);
  const none = new Array<number>(options.edges.length + 1).fill(0);
  return { v: 1, options, counts: [none, none], low: [null, null], high: [null, null], evidence: 0 };
}

/** One look, after a batch of values of each arm; O(batch log edges + edges). @throws MettleError INVALID_INPUT for values that are not finite */
export function updateQuantileDifference(state: QuantileState, batch: { a: ArrayLike<number>; b: ArrayLike<number> }): QuantileState {
  const { options } = state;
  checkFinite(batch.a, 'a');
  checkFinite(batch.b, 'b');
  const counts = [counted(state.counts[0], batch.a, options.edges), counted(state.counts[1], batch.b, options.edges)] as const;
  const a = endsOf(running(counts[0]), options);
  const b = endsOf(running(counts[1]), options);
  const tighter = (was: number | null, now: number | null, pick: (...of: number[]) => number): number | null => (was === null ? now : now === null ? was : pick(was, now));
  return {
    v: 1, options, counts,
    low: [tighter(state.low[0], a.low, Math.max), tighter(state.low[1], b.low, Math.max)],
    high: [tighter(state.high[0], a.high, Math.min), tighter(state.high[1], b.high, Math.min)],
    evidence: Math.max(state.evidence, logEvidence(counts, options)),
  };
}

/** (edge, edge]: a value on an edge belongs below it. */
function counted(counts: readonly number[], values: ArrayLike<number>, edges: readonly number[]): number[] {
  const next = [...counts];
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    let bin = value <= (edges[0] as number) ? 0 : value > (edges[edges.length - 1] as number) ? edges.length : binOf(edges, value) + 1;
    if (bin > 1 && value === edges[bin - 1]) bin -= 1;
    next[bin] = (next[bin] as number) + 1;
  }
  return next;
}

/** Counts at or below each edge, then all. */
function running(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => (sum += count));
}

/**
 * ln E against "the share at or below is at least p" (side below; above: at most p): the Beta prior cut to the other side
 * of p. Exact for discrete values too, because P(X <= q) >= p and P(X < q) <= p at the true quantile q.
 */
export function oneSidedBetaLog(hits: number, of: number, p: number, prior: { a: number; b: number }, side: 'below' | 'above'): number {
  const logTail = side === 'below' ? logBetaCdf : logBetaSf;
  return logBeta(prior.a + hits, prior.b + of - hits) - logBeta(prior.a, prior.b) + logTail(p, prior.a + hits, prior.b + of - hits) - logTail(p, prior.a, prior.b) - hits * Math.log(p) - (of - hits) * Math.log1p(-p);
}

/** Each of the four ends has a quarter of alpha. */
export const quantilePrior = ({ quantile, tunedFor, alpha }: Pick<QuantileOptions, 'quantile' | 'tunedFor' | 'alpha'>): { a: number; b: number } => betaPriorFor(quantile, tunedFor, alpha / 4);

/** Evidence is monotone over the edges, so all of them hold as soon as the true quantile's does. */
function endsOf(below: readonly number[], options: QuantileOptions): { low: number | null; high: number | null } {
  const { alpha, quantile, edges } = options;
  const of = below[edges.length] as number;
  const prior = quantilePrior(options);
  const limit = Math.log(4 / alpha);
  // The edge is too low to be the quantile when far too few values are at or below it; too high when far too many are.
  const tooLow = (at: number): boolean => (below[at] as number) < quantile * of && oneSidedBetaLog(below[at] as number, of, quantile, prior, 'below') >= limit;
  const tooHigh = (at: number): boolean => (below[at] as number) > quantile * of && oneSidedBetaLog(below[at] as number, of, quantile, prior, 'above') >= limit;
  const firstNotLow = firstWhole(0, edges.length, (at) => !tooLow(at));
  const firstHigh = firstWhole(0, edges.length, tooHigh);
  return { low: firstNotLow === 0 ? null : (edges[firstNotLow - 1] as number), high: firstHigh === edges.length ? null : (edges[firstHigh] as number) };
}

/**
 * ln E against "both quantiles are equal": the mean over both directions of the least, over where a common quantile q may
 * lie, of the arms' joint evidence that q is too high for one and too low for the other. At the true q the product is a
 * supermartingale, and the least is no more than it.
 */
function logEvidence(counts: readonly [readonly number[], readonly number[]], options: QuantileOptions): number {
  const prior = quantilePrior(options);
  const cells = options.edges.length;
  const sides = counts.map((one) => {
    const below = running(one);
    const of = below[cells] as number;
    return {
      above: [0, ...below.slice(0, cells)].map((hits) => oneSidedBetaLog(hits, of, options.quantile, prior, 'above')),
      below: below.map((hits) => oneSidedBetaLog(hits, of, options.quantile, prior, 'below')),
    };
  });
  const least = (smaller: number, larger: number): number => {
    let log = Number.POSITIVE_INFINITY;
    // q in cell k: at least the count at or below its left edge is below q, at most the one at its right edge is at or below q.
    for (let k = 0; k <= cells; k += 1) log = Math.min(log, (sides[smaller]?.above[k] ?? 0) + (sides[larger]?.below[k] ?? 0));
    return log;
  };
  return logMeanOf(least(0, 1), least(1, 0));
}

/** Quantile(b) - quantile(a); the estimate is the difference of the edges that hold the sample quantiles, OUT_OF_REACH when they lie beyond the last edge. */
export function readQuantileDifference(state: QuantileState): Reading {
  const { options, counts } = state;
  if (counts.some((one) => one.every((count) => count === 0))) return noReading(0, 'EMPTY_SAMPLE');
  const n = counts.reduce((sum, one) => sum + one.reduce((all, count) => all + count, 0), 0);
  return { n, interval: intervalOf(state), eValue: Math.min(Number.MAX_VALUE, Math.exp(logEvidence(counts, options))), pValue: Math.min(1, Math.exp(-state.evidence)), reason: null };
}

function intervalOf({ options: { edges, quantile }, counts, low, high }: QuantileState): IntervalResult {
  const [a, b] = counts.map((one) => {
    const below = running(one);
    return edges[firstWhole(0, edges.length, (at) => (below[at] as number) >= quantile * (below[edges.length] as number))];
  });
  if (a === undefined || b === undefined) return noInterval('OUT_OF_REACH');
  const from = low[1] === null || high[0] === null ? -Number.MAX_VALUE : low[1] - high[0];
  const to = high[1] === null || low[0] === null ? Number.MAX_VALUE : high[1] - low[0];
  return from > to ? noInterval('NO_COMMON_VALUE') : interval(b - a, from, to);
}
