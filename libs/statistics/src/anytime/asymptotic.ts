import { checkAlpha, checkFinite, checkPositive, checkWhole } from '../checks.ts';
import { mixtureLogEvidence, mixtureVariance, oneSidedHalfWidth, twoSidedHalfWidth } from '../confidence-sequence.ts';
import type { Method } from '../method.ts';
import type { Looks, Reading } from './reading.ts';
import { NO_LOOKS, checkSameOptions, look, noReading, reading } from './reading.ts';
import type { Moments } from './running-moments.ts';
import { NO_MOMENTS, mergeMoments, momentsOf } from './running-moments.ts';

export const ASYMPTOTIC: Method = { name: 'asymptotic-confidence-sequence', kind: 'anytime-valid', direction: 'both', needs: 'stream', citation: 'Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, arXiv 2103.06476' };

export interface AsymptoticOptions {
  readonly alpha: number;
  /** N*: where the sequence is tightest. */
  readonly tunedFor: number;
  /** n0: below it the answer is BELOW_DECLARED_N. Skewed values need a large one: see the calibration table. */
  readonly leastN: number;
  /** Which ends bound the mean: both, only from above, only from below. */
  readonly sides: 'both' | 'upper' | 'lower';
  /** The mean under the null; for 'upper' the null is "at or above", for 'lower' "at or below". */
  readonly against: number;
}

/** JSON; goes on after a restart. */
export interface AsymptoticState { readonly v: 1; readonly options: AsymptoticOptions; readonly moments: Moments; readonly looks: Looks }

/** @throws MettleError INVALID_INPUT for alpha outside (0, 1), or ½ and more one-sided */
export function startAsymptotic(options: AsymptoticOptions): AsymptoticState {
  checkAlpha(options.sides === 'both' ? options.alpha : 2 * options.alpha);
  checkPositive(options.tunedFor, 'tunedFor');
  checkWhole(options.leastN, 'leastN', 2);
  checkFinite([options.against], 'against');
  return { v: 1, options, moments: NO_MOMENTS, looks: NO_LOOKS };
}

/** One look, after the batch. @throws MettleError INVALID_INPUT for values that are not finite */
export function updateAsymptotic(state: AsymptoticState, batch: ArrayLike<number>): AsymptoticState {
  checkFinite(batch, 'batch');
  return looked(state.options, mergeMoments(state.moments, momentsOf(batch)), state.looks);
}

/**
 * The sums of both, looked at once: what earlier looks saw depends on their order and is not carried over.
 * @throws MettleError INVALID_INPUT when the options differ
 */
export function mergeAsymptotic(a: AsymptoticState, b: AsymptoticState): AsymptoticState {
  checkSameOptions(a.options, b.options);
  return looked(a.options, mergeMoments(a.moments, b.moments), NO_LOOKS);
}

function looked(options: AsymptoticOptions, moments: Moments, looks: Looks): AsymptoticState {
  if (moments.n < options.leastN || !(moments.squares > 0)) return { v: 1, options, moments, looks };
  const { n, mean } = moments;
  const input = { n, variance: moments.squares / n, alpha: options.alpha, tunedFor: options.tunedFor };
  const half = options.sides === 'both' ? twoSidedHalfWidth(input) : oneSidedHalfWidth(input);
  return { v: 1, options, moments, looks: look(looks, logEvidence(options, moments), options.sides === 'upper' ? null : mean - half, options.sides === 'lower' ? null : mean + half) };
}

function logEvidence({ alpha, tunedFor, sides, against }: AsymptoticOptions, { n, mean, squares }: Moments): number {
  const oneSided = sides !== 'both';
  return mixtureLogEvidence(sides === 'upper' ? against - mean : mean - against, { n, variance: squares / n, rho2: mixtureVariance(oneSided ? 2 * alpha : alpha, tunedFor), oneSided });
}

export function readAsymptotic({ options, moments, looks }: AsymptoticState): Reading {
  if (moments.n < options.leastN) return noReading(moments.n, moments.n === 0 ? 'EMPTY_SAMPLE' : 'BELOW_DECLARED_N');
  if (!(moments.squares > 0)) return noReading(moments.n, 'NO_VARIANCE');
  return reading(moments.n, moments.mean, logEvidence(options, moments), looks);
}
