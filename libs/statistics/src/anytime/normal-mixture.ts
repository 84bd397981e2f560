import { checkAlpha, checkFinite, checkPositive } from '../checks.ts';
import type { Method } from '../method.ts';
import type { Looks, Reading } from './reading.ts';
import { NO_LOOKS, checkSameOptions, look, noReading, reading } from './reading.ts';

export const NORMAL_MIXTURE: Method = { name: 'normal-mixture', kind: 'anytime-valid', direction: 'both', needs: 'stream', citation: 'Robbins (1970); Howard, Ramdas, McAuliffe & Sekhon (2021), as confseq' };

/** ρ that is tightest at the intrinsic time `bestAt`. */
export const normalMixtureRho = (bestAt: number, alpha: number): number => bestAt / (2 * Math.log(1 / alpha) + Math.log(1 + 2 * Math.log(1 / alpha)));
/** Boundary for |S| at intrinsic time v, crossed ever with probability at most alpha. */
export const normalMixtureBound = (v: number, alpha: number, rho: number): number => Math.sqrt((v + rho) * (Math.log(1 + v / rho) + 2 * Math.log(1 / alpha)));
/** ln of the mixture martingale at (S, v). */
export const normalMixtureLog = (s: number, v: number, rho: number): number => 0.5 * Math.log(rho / (v + rho)) + (s * s) / (2 * (v + rho));

export interface NormalMixtureOptions {
  readonly alpha: number;
  /** Each term is sub-Gaussian with this standard deviation: known, or (high - low) / 2 for bounded values. */
  readonly sigma: number;
  readonly tunedFor: number;
  readonly against: number;
}

/** JSON; goes on after a restart. Exact (not asymptotic) from n = 1 for sub-Gaussian terms of known sigma. */
export interface NormalMixtureState { readonly v: 1; readonly options: NormalMixtureOptions; readonly n: number; readonly sum: number; readonly looks: Looks }

export function startNormalMixture(options: NormalMixtureOptions): NormalMixtureState {
  checkAlpha(options.alpha);
  checkPositive(options.sigma, 'sigma');
  checkPositive(options.tunedFor, 'tunedFor');
  checkFinite([options.against], 'against');
  return { v: 1, options, n: 0, sum: 0, looks: NO_LOOKS };
}

export function updateNormalMixture(state: NormalMixtureState, batch: ArrayLike<number>): NormalMixtureState {
  checkFinite(batch, 'batch');
  let { sum } = state;
  for (let at = 0; at < batch.length; at += 1) sum += batch[at] as number;
  return looked(state.options, state.n + batch.length, sum, state.looks);
}

/** The sums of both, looked at once; earlier looks are not carried over. @throws MettleError INVALID_INPUT when the options differ */
export function mergeNormalMixture(a: NormalMixtureState, b: NormalMixtureState): NormalMixtureState {
  checkSameOptions(a.options, b.options);
  return looked(a.options, a.n + b.n, a.sum + b.sum, NO_LOOKS);
}

const logOf = ({ sigma, alpha, tunedFor, against }: NormalMixtureOptions, n: number, sum: number): number => normalMixtureLog(sum - n * against, n * sigma * sigma, normalMixtureRho(tunedFor * sigma * sigma, alpha));

function looked(options: NormalMixtureOptions, n: number, sum: number, looks: Looks): NormalMixtureState {
  if (n === 0) return { v: 1, options, n, sum, looks };
  const variance = options.sigma ** 2;
  const half = normalMixtureBound(n * variance, options.alpha, normalMixtureRho(options.tunedFor * variance, options.alpha)) / n;
  return { v: 1, options, n, sum, looks: look(looks, logOf(options, n, sum), sum / n - half, sum / n + half) };
}

export const readNormalMixture = ({ options, n, sum, looks }: NormalMixtureState): Reading => (n === 0 ? noReading(0, 'EMPTY_SAMPLE') : reading(n, sum / n, logOf(options, n, sum), looks));
