import { MettleError, canonicalJson } from '@mettle/contracts';
import type { IntervalResult, ReasonCode } from '../method.ts';
import { interval, noInterval } from '../method.ts';

/** What an anytime-valid method knows now. The interval and p hold at every look at once. */
export interface Reading {
  readonly n: number;
  /** The intersection of the intervals at all looks so far; NO_COMMON_VALUE when it is empty: the mean moved (or a miss of rate alpha). */
  readonly interval: IntervalResult;
  /** Evidence against the null now; at most 1 on average under it. */
  readonly eValue: number | null;
  /** min(1, 1 / the largest evidence at any look). */
  readonly pValue: number | null;
  readonly reason: ReasonCode | null;
}

/** What looks leave behind; depends on their order, so it is never merged but started again. */
export interface Looks {
  /** ln of the largest evidence. */
  readonly evidence: number;
  /** Running intersection; null where unbounded. */
  readonly low: number | null;
  readonly high: number | null;
}

export const NO_LOOKS: Looks = { evidence: 0, low: null, high: null };

export const look = (looks: Looks, logE: number, low: number | null, high: number | null): Looks => ({
  evidence: Math.max(looks.evidence, Math.min(logE, Number.MAX_VALUE)),
  low: low === null ? looks.low : looks.low === null ? low : Math.max(low, looks.low),
  high: high === null ? looks.high : looks.high === null ? high : Math.min(high, looks.high),
});

/** @throws MettleError INVALID_INPUT unless both states were started alike: sums under other options answer another question */
export function checkSameOptions(a: object, b: object): void {
  if (canonicalJson(a) !== canonicalJson(b)) throw new MettleError('INVALID_INPUT', 'states that merge have the same options', { first: canonicalJson(a), second: canonicalJson(b) });
}

/** An unbounded end reads as -MAX_VALUE or MAX_VALUE, which JSON can hold. */
export const reading = (n: number, estimate: number, logE: number, looks: Looks): Reading => ({
  n,
  interval: (looks.low ?? -Number.MAX_VALUE) > (looks.high ?? Number.MAX_VALUE) ? noInterval('NO_COMMON_VALUE') : interval(estimate, looks.low ?? -Number.MAX_VALUE, looks.high ?? Number.MAX_VALUE),
  eValue: Math.min(Number.MAX_VALUE, Math.exp(logE)),
  pValue: Math.min(1, Math.exp(-looks.evidence)),
  reason: null,
});

export const noReading = (n: number, reason: ReasonCode): Reading => ({ n, interval: noInterval(reason), eValue: null, pValue: null, reason });

/** ln of the mean of both evidences, given and returned as logarithms. */
export function logMeanOf(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.expm1(-Math.abs(a - b)) / 2);
}

/** Smallest s in [0, ∞) with rising(s) >= target, to a relative 1e-13. */
export function crossing(rising: (s: number) => number, target: number, start: number): number {
  let high = Math.max(start, Number.MIN_VALUE);
  for (let k = 0; k < 2000 && !(rising(high) >= target); k += 1) high *= 2;
  let low = 0;
  for (let k = 0; k < 200; k += 1) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high || high - low <= 1e-14 * high) break;
    if (rising(middle) >= target) high = middle;
    else low = middle;
  }
  return high;
}
