import { checkRange } from './checks.ts';
import type { Method } from './method.ts';

export const BENJAMINI_HOCHBERG: Method = { name: 'benjamini-hochberg', kind: 'correction', direction: 'smaller', needs: 'p-values', citation: 'Benjamini & Hochberg (1995): false discovery rate' };
export const HOLM: Method = { name: 'holm', kind: 'correction', direction: 'smaller', needs: 'p-values', citation: 'Holm (1979): family-wise error' };
export const BONFERRONI: Method = { name: 'bonferroni', kind: 'correction', direction: 'smaller', needs: 'p-values', citation: 'Family-wise error, any dependence' };

/** Adjusted p-values min(1, k p), in the order given. @throws MettleError INVALID_INPUT for what is no p-value */
export function bonferroni(pValues: readonly number[]): number[] {
  for (const p of pValues) checkRange(p, 'p', 0, 1);
  return pValues.map((p) => Math.min(1, p * pValues.length));
}

/** Holm's step-down adjusted p-values, in the order given: never above Bonferroni's. @throws MettleError INVALID_INPUT for what is no p-value */
export function holm(pValues: readonly number[]): number[] {
  for (const p of pValues) checkRange(p, 'p', 0, 1);
  const order = pValues.map((_, at) => at).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let most = 0;
  order.forEach((at, k) => {
    most = Math.max(most, Math.min(1, (pValues[at] ?? 1) * (pValues.length - k)));
    adjusted[at] = most;
  });
  return adjusted;
}
