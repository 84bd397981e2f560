import { oneSidedBetaLog, quantilePrior } from '../anytime/quantile-difference.ts';
import { binomialCdf, binomialSf } from '../binomial.ts';
import { checkAlpha, checkRange, checkWhole } from '../checks.ts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { firstReal, firstWhole } from '../search.ts';

export const QUANTILE_POWER: Method = { name: 'quantile-difference-power', kind: 'power', direction: 'larger', needs: 'stream', citation: 'Howard & Ramdas (2022) ends at one look, binomial laws of the counts' };

/** The rule "arm b's quantile is above arm a's": a's upper end is at most b's lower end. */
export interface QuantilePlan { readonly alpha: number; readonly quantile: number; readonly tunedFor: number }

/** Rows at or below one value, as shares: above `quantile` in arm a, below it in arm b. */
interface Shares { readonly a: number; readonly b: number }

function check(n: { a: number; b: number }, { alpha, quantile, tunedFor }: QuantilePlan): void {
  checkAlpha(alpha);
  checkRange(quantile, 'quantile', Number.EPSILON, 1 - Number.EPSILON);
  checkWhole(tunedFor, 'tunedFor', 1);
  checkWhole(n.a, 'n.a', 1);
  checkWhole(n.b, 'n.b', 1);
}

/** Counts at or below a value from which on it is too high for a's quantile, and up to which it is too low for b's (n + 1, -1: never). */
function decidingCounts(n: { a: number; b: number }, plan: QuantilePlan): { many: number; few: number } {
  const prior = quantilePrior(plan);
  const limit = Math.log(4 / plan.alpha);
  const at = (count: number, of: number, side: 'below' | 'above'): boolean => oneSidedBetaLog(count, of, plan.quantile, prior, side) >= limit;
  return {
    many: firstWhole(Math.ceil(plan.quantile * n.a), n.a + 1, (count) => at(count, n.a, 'above')),
    few: firstWhole(0, Math.floor(plan.quantile * n.b) + 1, (count) => !at(count, n.b, 'below')) - 1,
  };
}

/**
 * Probability that one look finds b's quantile above a's at a value (one of the edges) that has these shares at or below
 * it. Exact there; further edges and earlier looks only add to it.
 */
export function quantilePower(shares: Shares, n: { a: number; b: number }, plan: QuantilePlan): number {
  check(n, plan);
  checkRange(shares.a, 'shares.a', 0, 1);
  checkRange(shares.b, 'shares.b', 0, 1);
  const { many, few } = decidingCounts(n, plan);
  return (many > n.a ? 0 : binomialSf(many - 1, n.a, shares.a)) * binomialCdf(few, n.b, shares.b);
}

/**
 * The smallest d such that shares quantile + d and quantile - d (within [0, 1]) are told apart with probability `power`.
 * Where the density at the quantile is f, the quantiles then differ by about 2d/f.
 */
export function quantileDetectable(power: number, n: { a: number; b: number }, plan: QuantilePlan): Measured {
  check(n, plan);
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const { quantile } = plan;
  const found = (d: number): boolean => quantilePower({ a: Math.min(1, quantile + d), b: Math.max(0, quantile - d) }, n, plan) >= power;
  return found(1) ? measured(firstReal(0, Math.max(quantile, 1 - quantile), found)) : unmeasured('OUT_OF_REACH');
}

/** Rows in each arm that tell these shares apart with probability `power`, within `most`. */
export function quantileSize(shares: Shares, power: number, plan: QuantilePlan, most = 1e9): Measured {
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const holds = (n: number): boolean => quantilePower(shares, { a: n, b: n }, plan) >= power;
  return shares.b < plan.quantile && plan.quantile < shares.a && holds(most) ? measured(firstWhole(1, most, holds)) : unmeasured('OUT_OF_REACH');
}
