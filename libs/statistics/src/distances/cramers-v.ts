import { checkCounts, sumOf } from '../checks.ts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';

export const CRAMERS_V: Method = { name: 'cramers-v', kind: 'distance', direction: 'larger', needs: 'counts', citation: 'Cramér (1946), bias-corrected by Bergsma (2013)' };

/** Bias-corrected Cramér's V of the 2 x K table, in [0, 1]; categories empty in both samples are dropped. */
export function cramersV(reference: readonly number[], current: readonly number[]): Measured {
  checkCounts(reference, current);
  const totals = reference.map((count, at) => count + (current[at] ?? 0));
  const n = sumOf(reference);
  const m = sumOf(current);
  const all = n + m;
  if (n === 0 || m === 0) return unmeasured('EMPTY_SAMPLE');
  const k = totals.filter((total) => total > 0).length;
  if (k < 2) return unmeasured('ONE_CATEGORY');
  if (all < 3) return unmeasured('TOO_FEW_VALUES');
  let phi2 = 0;
  for (let at = 0; at < totals.length; at += 1) {
    const total = totals[at] ?? 0;
    if (total === 0) continue;
    // Σ over both rows of (O - E)² / E: the deviations are equal and opposite.
    const off = (reference[at] ?? 0) - (total * n) / all;
    phi2 += (off * off * all) / total * (1 / n + 1 / m);
  }
  phi2 /= all;
  const corrected = Math.max(0, phi2 - (k - 1) / (all - 1));
  const columns = k - (k - 1) ** 2 / (all - 1);
  const rows = 2 - 1 / (all - 1);
  const least = Math.min(columns, rows) - 1;
  return least > 0 ? measured(Math.min(1, Math.sqrt(corrected / least))) : unmeasured('TOO_FEW_VALUES');
}
