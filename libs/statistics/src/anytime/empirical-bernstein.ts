import { checkAlpha, checkPositive, checkRange } from '../checks.ts';
import { devianceTerm, incompleteGamma, kummerSeries, stirlingError } from '../gamma.ts';
import type { Method } from '../method.ts';
import type { Bounds } from './bounds.ts';
import { checkBounds, checkWithin } from './bounds.ts';
import { normalMixtureRho } from './normal-mixture.ts';
import type { Looks, Reading } from './reading.ts';
import { NO_LOOKS, crossing, logMeanOf, look, noReading, reading } from './reading.ts';

export const EMPIRICAL_BERNSTEIN: Method = { name: 'empirical-bernstein', kind: 'anytime-valid', direction: 'both', needs: 'stream', citation: 'Howard, Ramdas, McAuliffe & Sekhon (2021), Theorem 4 with the gamma-exponential mixture, as confseq' };

/**
 * ln of the gamma-exponential mixture supermartingale at (S, v), scale c. With a = (v + ρ)/c² and b = (cS + v + ρ)/c² it is
 * δ(a) - δ(r) + ½ ln(r/a) + [a ln(a/b) + b - a] + ln P(a, b) - ln P(r, r), r = ρ/c²: nothing large cancels.
 */
export function gammaExponentialLog(s: number, v: number, rho: number, c: number): number {
  const a = (v + rho) / (c * c);
  const b = a + s / c;
  const r = rho / (c * c);
  // Below the mode the mass that P(a, b) holds cancels the first and fourth term, and would underflow.
  const tail = b < a ? Math.log(kummerSeries(a, b)) - 0.5 * Math.log(2 * Math.PI * a) : stirlingError(a) + devianceTerm(a, b) + Math.log(incompleteGamma(a, b).lower);
  return tail - stirlingError(r) + 0.5 * Math.log(r / a) - Math.log(incompleteGamma(r, r).lower);
}

/** Boundary for S at intrinsic time v, crossed ever with probability at most alpha (one-sided). */
export const gammaExponentialBound = (v: number, alpha: number, rho: number, c: number): number => crossing((s) => gammaExponentialLog(s, v, rho, c), Math.log(1 / alpha), Math.sqrt(v + rho));

export interface EmpiricalBernsteinOptions {
  readonly alpha: number;
  readonly bounds: Bounds;
  /** Terms and standard deviation at which it is to be tightest. */
  readonly tunedFor: number;
  readonly expectedSd: number;
  readonly against: number;
}

/** JSON. The variance is predictable (each term against the mean before it), so order matters and states do not merge. */
export interface EmpiricalBernsteinState { readonly v: 1; readonly options: EmpiricalBernsteinOptions; readonly n: number; readonly sum: number; readonly variation: number; readonly looks: Looks }

export function startEmpiricalBernstein(options: EmpiricalBernsteinOptions): EmpiricalBernsteinState {
  checkAlpha(options.alpha);
  checkBounds(options.bounds);
  checkPositive(options.tunedFor, 'tunedFor');
  checkPositive(options.expectedSd, 'expectedSd');
  checkRange(options.against, 'against', options.bounds.low, options.bounds.high);
  return { v: 1, options, n: 0, sum: 0, variation: 0, looks: NO_LOOKS };
}

/** One look, after the batch. @throws MettleError INVALID_INPUT for a value outside the bounds */
export function updateEmpiricalBernstein(state: EmpiricalBernsteinState, batch: ArrayLike<number>): EmpiricalBernsteinState {
  const { options } = state;
  checkWithin(batch, options.bounds);
  let { n, sum, variation } = state;
  const start = (options.bounds.low + options.bounds.high) / 2;
  for (let at = 0; at < batch.length; at += 1) {
    const value = batch[at] as number;
    variation += (value - (n === 0 ? start : sum / n)) ** 2;
    sum += value;
    n += 1;
  }
  if (n === 0) return state;
  const { low, high } = options.bounds;
  const half = gammaExponentialBound(variation, options.alpha / 2, rhoOf(options), high - low) / n;
  return { v: 1, options, n, sum, variation, looks: look(state.looks, logOf(options, n, sum, variation), Math.max(low, sum / n - half), Math.min(high, sum / n + half)) };
}

const rhoOf = (options: EmpiricalBernsteinOptions): number => normalMixtureRho(options.tunedFor * options.expectedSd ** 2, Math.min(options.alpha, 0.999));

/** ln of the mean of both one-sided martingales. */
function logOf(options: EmpiricalBernsteinOptions, n: number, sum: number, variation: number): number {
  const c = options.bounds.high - options.bounds.low;
  const s = sum - n * options.against;
  return logMeanOf(gammaExponentialLog(s, variation, rhoOf(options), c), gammaExponentialLog(-s, variation, rhoOf(options), c));
}

export const readEmpiricalBernstein = ({ options, n, sum, variation, looks }: EmpiricalBernsteinState): Reading => (n === 0 ? noReading(0, 'EMPTY_SAMPLE') : reading(n, sum / n, logOf(options, n, sum, variation), looks));
