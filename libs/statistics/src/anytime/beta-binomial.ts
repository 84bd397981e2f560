import { MettleError } from '@mettle/contracts';
import { checkAlpha, checkPositive, checkRange, checkWhole } from '../checks.ts';
import { logBeta } from '../gamma.ts';
import type { Method } from '../method.ts';
import type { Looks, Reading } from './reading.ts';
import { NO_LOOKS, checkSameOptions, crossing, look, noReading, reading } from './reading.ts';

export const BETA_BINOMIAL: Method = { name: 'beta-binomial-mixture', kind: 'anytime-valid', direction: 'both', needs: 'counts', citation: 'Robbins (1970): Beta mixture of Bernoulli likelihood ratios' };

export interface BetaBinomialOptions {
  readonly alpha: number;
  /** The share under the null, in (0, 1): ½ for discordant pairs. */
  readonly against: number;
  /** Prior successes and failures: Beta(a, b). */
  readonly prior: { readonly a: number; readonly b: number };
}

/** JSON. The counts merge; the looks do not. Exact from n = 1. */
export interface BetaBinomialState { readonly v: 1; readonly options: BetaBinomialOptions; readonly hits: number; readonly of: number; readonly looks: Looks }

/** A prior around `share` that is about as tight as one tuned for n terms at alpha. */
export function betaPriorFor(share: number, n: number, alpha: number): { a: number; b: number } {
  checkAlpha(alpha);
  const weight = Math.max(1, n / (2 * Math.log(1 / alpha) + Math.log(1 + 2 * Math.log(1 / alpha))));
  return { a: share * weight, b: (1 - share) * weight };
}

export function startBetaBinomial(options: BetaBinomialOptions): BetaBinomialState {
  checkAlpha(options.alpha);
  checkPositive(options.prior.a, 'prior.a');
  checkPositive(options.prior.b, 'prior.b');
  checkRange(options.against, 'against', Number.MIN_VALUE, 1 - Number.EPSILON / 2);
  return { v: 1, options, hits: 0, of: 0, looks: NO_LOOKS };
}

/** ln E of `hits` in `of` against the share p. */
export function betaBinomialLog(hits: number, of: number, p: number, prior: { a: number; b: number }): number {
  const misses = of - hits;
  return logBeta(prior.a + hits, prior.b + misses) - logBeta(prior.a, prior.b) - (hits > 0 ? hits * Math.log(p) : 0) - (misses > 0 ? misses * Math.log1p(-p) : 0);
}

/** One look, after the batch. */
export function updateBetaBinomial(state: BetaBinomialState, batch: { hits: number; of: number }): BetaBinomialState {
  checkWhole(batch.hits, 'hits');
  checkWhole(batch.of, 'of');
  if (batch.hits > batch.of) throw new MettleError('INVALID_INPUT', 'hits are at most the trials', batch);
  return looked(state.options, state.hits + batch.hits, state.of + batch.of, state.looks);
}

/** The counts of both, looked at once; earlier looks are not carried over. @throws MettleError INVALID_INPUT when the options differ */
export function mergeBetaBinomial(a: BetaBinomialState, b: BetaBinomialState): BetaBinomialState {
  checkSameOptions(a.options, b.options);
  return looked(a.options, a.hits + b.hits, a.of + b.of, NO_LOOKS);
}

function looked(options: BetaBinomialOptions, hits: number, of: number, looks: Looks): BetaBinomialState {
  if (of === 0) return { v: 1, options, hits, of, looks };
  const p = hits / of;
  const target = Math.log(1 / options.alpha);
  // ln E falls towards the observed share from both sides: solve in the distance from it.
  const reach = (room: number, at: (distance: number) => number): number => (room <= 0 ? 0 : Math.min(room, crossing((d) => (d >= room ? Number.POSITIVE_INFINITY : betaBinomialLog(hits, of, at(d), options.prior)), target, room / 1024)));
  const low = p - reach(p, (d) => p - d);
  const high = p + reach(1 - p, (d) => p + d);
  return { v: 1, options, hits, of, looks: look(looks, betaBinomialLog(hits, of, options.against, options.prior), Math.max(0, low), Math.min(1, high)) };
}

export const readBetaBinomial = ({ options, hits, of, looks }: BetaBinomialState): Reading => (of === 0 ? noReading(0, 'EMPTY_SAMPLE') : reading(of, hits / of, betaBinomialLog(hits, of, options.against, options.prior), looks));
