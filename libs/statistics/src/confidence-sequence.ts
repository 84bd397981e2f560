import { checkAlpha } from './checks.ts';
import { normalCdf } from './normal.ts';
import { firstWhole } from './search.ts';

/**
 * Asymptotic confidence sequences for a mean, valid at every look at once (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas,
 * arXiv 2103.06476). `variance` is of one term (long-run where terms are autocorrelated), `tunedFor` the number of
 * terms N* at which the sequence is tightest. Asymptotic: use only from a declared least n on.
 */
export interface SequenceInput {
  /** Terms seen. */
  readonly n: number;
  /** Variance of one term. */
  readonly variance: number;
  readonly alpha: number;
  /** N*. */
  readonly tunedFor: number;
}

/** ρ² of the normal mixture that is tightest at N*. */
export const mixtureVariance = (alpha: number, tunedFor: number): number => (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / tunedFor;

/** Half-width of the two-sided sequence: the mean lies within it at every n with probability 1 - alpha. */
export function twoSidedHalfWidth({ n, variance, alpha, tunedFor }: SequenceInput): number {
  checkAlpha(alpha);
  const rho2 = mixtureVariance(alpha, tunedFor);
  const scale = n * rho2 + 1;
  return Math.sqrt(((variance * 2 * scale) / (n * n * rho2)) * Math.log(Math.sqrt(scale) / alpha));
}

/** Distance of a one-sided bound (all of alpha on one side); ρ is tuned at 2 alpha. Below alpha = ½. */
export function oneSidedHalfWidth({ n, variance, alpha, tunedFor }: SequenceInput): number {
  checkAlpha(alpha);
  const rho2 = mixtureVariance(Math.min(2 * alpha, 1), tunedFor);
  const scale = n * rho2 + 1;
  return Math.sqrt(((variance * 2 * scale) / (n * n * rho2)) * Math.log(1 + Math.sqrt(scale) / (2 * alpha)));
}

/** Evidence against "the mean is zero", two-sided; p = min(1, 1/E) is valid at every look. Infinity without variance and with an effect. */
export function twoSidedEValue(mean: number, { n, variance, alpha, tunedFor }: SequenceInput): number {
  return eValue(mean, n, variance, mixtureVariance(alpha, tunedFor), false);
}

/** Evidence against "the mean is zero or above" (half-normal mixture on the negative side). */
export function oneSidedEValue(mean: number, { n, variance, alpha, tunedFor }: SequenceInput): number {
  return eValue(mean, n, variance, mixtureVariance(Math.min(2 * alpha, 1), tunedFor), true);
}

function eValue(mean: number, n: number, variance: number, rho2: number, below: boolean): number {
  if (n === 0) return 1;
  const against = below ? -mean : Math.abs(mean);
  if (variance <= 0) return against > 0 ? Number.MAX_VALUE : 1 / Math.sqrt(n * rho2 + 1);
  return Math.min(Number.MAX_VALUE, Math.exp(mixtureLogEvidence(against, { n, variance, rho2, oneSided: below })));
}

/**
 * ln E of the normal mixture, or of the half-normal one that counts only a positive `effect` (in units of a term,
 * positive where it speaks against the null); n >= 1 and variance > 0.
 */
export function mixtureLogEvidence(effect: number, { n, variance, rho2, oneSided }: { n: number; variance: number; rho2: number; oneSided: boolean }): number {
  const scale = n * rho2 + 1;
  const z = effect * Math.sqrt(n / variance) * Math.sqrt((n * rho2) / scale);
  const log = (z * z) / 2 - 0.5 * Math.log(scale);
  if (!oneSided) return log;
  // Far below zero the factor 2 Φ(z) underflows while e^{z²/2} overflows: their product tends to 2 φ(0) / |z| (Mills).
  return z < -30 ? Math.log(Math.sqrt(2 / Math.PI) / -z) + Math.log1p(-1 / (z * z)) - 0.5 * Math.log(scale) : log + Math.log(2 * normalCdf(z));
}

/** How many terms a one-sided bound needs before it lies within `distance` of the mean; null when not within `limit` terms. */
export function termsForDistance(distance: number, input: Omit<SequenceInput, 'n'>, limit: number): number | null {
  const enough = (n: number): boolean => oneSidedHalfWidth({ ...input, n }) < distance;
  if (!(distance > 0) || !enough(limit)) return null;
  return firstWhole(1, limit, enough);
}
