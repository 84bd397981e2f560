/** What a caller may show or choose by: one per method, without any registration. */
export interface Method {
  /** Stable name, kebab case. */
  readonly name: string;
  readonly kind: 'distance' | 'two-sample-test' | 'interval' | 'anytime-valid' | 'change-detector' | 'estimate' | 'summary' | 'power' | 'correction';
  /** Which values speak against "nothing changed". */
  readonly direction: 'larger' | 'smaller' | 'both' | 'none';
  /** The least a caller must hold. */
  readonly needs: 'values' | 'counts' | 'sums' | 'stream' | 'scores' | 'p-values';
  /** Where the formula is written. */
  readonly citation: string;
}

/** Why a number is missing. A missing number is `null` with one of these, never NaN. */
export type ReasonCode = 'EMPTY_SAMPLE' | 'TOO_FEW_VALUES' | 'NO_VARIANCE' | 'ONE_CATEGORY' | 'NO_DISCORDANCE' | 'BELOW_DECLARED_N' | 'OUT_OF_REACH' | 'ONE_CLASS' | 'ZERO_MASS' | 'NO_COMMON_VALUE' | MetricReason;
/** Why a metric is missing: nothing is predicted positive, a label of zero is divided by, no query has a relevant row. */
type MetricReason = 'NO_PREDICTED_POSITIVES' | 'ZERO_LABELS' | 'NO_RELEVANT';

/** A test's answer. `pValue` and `statistic` are null together with a reason. */
export type TestResult =
  | { readonly statistic: number; readonly pValue: number; readonly reason: null; readonly how: string }
  | { readonly statistic: null; readonly pValue: null; readonly reason: ReasonCode; readonly how: string };

/** One number, or null with the reason. */
export type Measured = { readonly value: number; readonly reason: null } | { readonly value: null; readonly reason: ReasonCode };

/** Two ends of an interval with its point estimate, or nulls with the reason. */
export type IntervalResult =
  | { readonly estimate: number; readonly low: number; readonly high: number; readonly reason: null }
  | { readonly estimate: null; readonly low: null; readonly high: null; readonly reason: ReasonCode };

export type Alternative = 'two-sided' | 'less' | 'greater';

export const tested = (statistic: number, pValue: number, how: string): TestResult => ({ statistic, pValue: Math.min(1, Math.max(0, pValue)), reason: null, how });
export const untested = (reason: ReasonCode, how: string): TestResult => ({ statistic: null, pValue: null, reason, how });
export const measured = (value: number): Measured => ({ value, reason: null });
export const unmeasured = (reason: ReasonCode): Measured => ({ value: null, reason });
export const interval = (estimate: number, low: number, high: number): IntervalResult => ({ estimate, low, high, reason: null });
export const noInterval = (reason: ReasonCode): IntervalResult => ({ estimate: null, low: null, high: null, reason });
