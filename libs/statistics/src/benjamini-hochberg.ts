import { checkRange } from './checks.ts';

/**
 * Adjusted p-values that control the false discovery rate, in the order given; each lies in [p, 1].
 * @throws MettleError INVALID_INPUT for what is no p-value
 * @see Benjamini & Hochberg (1995)
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  for (const p of pValues) checkRange(p, 'p', 0, 1);
  const order = pValues.map((_, at) => at).sort((a, b) => (pValues[b] ?? 1) - (pValues[a] ?? 1));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let least = 1;
  order.forEach((at, k) => {
    least = Math.min(least, ((pValues[at] ?? 1) * pValues.length) / (pValues.length - k));
    adjusted[at] = least;
  });
  return adjusted;
}
