/**
 * Long-run variance of an ordered series, γ0 + 2 Σ (1 - l/(lag+1)) γl (Bartlett kernel), with the divisor n for every
 * γ. Never below the plain variance γ0: negative autocorrelation earns no credit. `variance` is of one term; the
 * mean's is variance / n. `values` may have any mean; 0 for fewer than two values.
 * @see Newey & West (1987), A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance matrix
 */
export function longRunVariance(values: ArrayLike<number>, lag: number, from = 0, to = values.length): { variance: number; slotVariance: number } {
  const n = to - from;
  if (n < 2) return { variance: 0, slotVariance: 0 };
  let mean = 0;
  for (let t = from; t < to; t += 1) mean += values[t] ?? 0;
  mean /= n;
  const covariance = (l: number): number => {
    let sum = 0;
    for (let t = from + l; t < to; t += 1) sum += ((values[t] ?? 0) - mean) * ((values[t - l] ?? 0) - mean);
    return sum / n;
  };
  const slotVariance = covariance(0);
  let variance = slotVariance;
  for (let l = 1; l <= Math.min(lag, n - 1); l += 1) variance += 2 * (1 - l / (lag + 1)) * covariance(l);
  return { variance: Math.max(variance, slotVariance), slotVariance };
}

/** Autocorrelations at lags 1..lags (divisor n); zeros for a constant series. */
export function autocorrelations(values: readonly number[], lags: number): number[] {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(n, 1);
  const centred = values.map((value) => value - mean);
  const total = centred.reduce((sum, value) => sum + value * value, 0);
  return Array.from({ length: lags }, (_, k) => {
    let sum = 0;
    for (let t = k + 1; t < n; t += 1) sum += (centred[t] ?? 0) * (centred[t - k - 1] ?? 0);
    return total > 0 ? sum / total : 0;
  });
}
