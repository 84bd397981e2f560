import type { MonitorResult } from '@mettle/contracts';

/**
 * How bad a result is on a scale where 1 is its threshold; null when it could not be judged. For coverage the shortfall
 * counts: a share of .8 against a least share of .9 is 2.
 */
export function severity(result: Pick<MonitorResult, 'kind' | 'value' | 'threshold' | 'state'>): number | null {
  const { kind, value, threshold, state } = result;
  if (state === 'undetermined' || value === null || threshold === null) return null;
  if (kind === 'coverage') return threshold >= 1 ? (value < 1 ? Number.MAX_VALUE : 0) : (1 - value) / (1 - threshold);
  return threshold > 0 ? value / threshold : value > 0 ? Number.MAX_VALUE : 0;
}
