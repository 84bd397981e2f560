/** Midranks (1-based; ties share their mean rank) of `values`, in their order. */
export function midranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, at) => at).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let k = from; k < to; k += 1) ranks[order[k] ?? 0] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/**
 * Area under the ROC curve (ties count a half) with DeLong's standard error; null with one class only.
 * The error is null when a class has a single row.
 * @see Sun & Xu (2014), Fast implementation of DeLong's algorithm
 */
export function auc(labels: ArrayLike<number>, scores: ArrayLike<number>): { value: number; standardError: number | null } | null {
  const pick = (label: number): Float64Array => Float64Array.from(Array.from({ length: labels.length }, (_, at) => at).filter((at) => labels[at] === label), (at) => scores[at] ?? 0);
  const positive = pick(1);
  const negative = pick(0);
  const m = positive.length;
  const n = negative.length;
  if (m === 0 || n === 0) return null;
  const all = new Float64Array(m + n);
  all.set(positive);
  all.set(negative, m);
  const ranks = midranks(all);
  const withinPositive = midranks(positive);
  const withinNegative = midranks(negative);
  let rankSum = 0;
  for (let k = 0; k < m; k += 1) rankSum += ranks[k] ?? 0;
  const value = (rankSum - (m * (m + 1)) / 2) / (m * n);
  if (m < 2 || n < 2) return { value, standardError: null };
  const spread = (count: number, placement: (k: number) => number): number => {
    let sum = 0;
    for (let k = 0; k < count; k += 1) sum += (placement(k) - value) ** 2;
    return sum / (count - 1) / count;
  };
  const variance =
    spread(m, (k) => ((ranks[k] ?? 0) - (withinPositive[k] ?? 0)) / n) +
    spread(n, (k) => 1 - ((ranks[m + k] ?? 0) - (withinNegative[k] ?? 0)) / m);
  return { value, standardError: Math.sqrt(variance) };
}
