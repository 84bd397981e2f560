import { checkWhole } from '../checks.ts';
import { hypergeometricMass } from '../binomial.ts';
import type { Alternative, Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';

export const FISHER: Method = { name: 'fisher-exact', kind: 'two-sample-test', direction: 'both', needs: 'counts', citation: 'Fisher (1935); as scipy.stats.fisher_exact' };

/**
 * Fisher's exact test of the table [[a, b], [c, d]]; the statistic is the sample odds ratio ad/bc (Number.MAX_VALUE when bc = 0).
 * Two-sided: the tables that are no likelier than the observed one, with a relative tolerance of 1e-14 as SciPy.
 */
export function fisherTest([[a, b], [c, d]]: readonly [readonly [number, number], readonly [number, number]], alternative: Alternative = 'two-sided'): TestResult {
  for (const [count, name] of [[a, 'a'], [b, 'b'], [c, 'c'], [d, 'd']] as const) checkWhole(count, name);
  if (a + b === 0 || c + d === 0) return untested('EMPTY_SAMPLE', 'exact');
  if (a + c === 0 || b + d === 0) return untested('ONE_CATEGORY', 'exact');
  const odds = b * c > 0 ? (a * d) / (b * c) : Number.MAX_VALUE;
  const low = Math.max(0, a + c - (c + d));
  const high = Math.min(a + b, a + c);
  const mass = (k: number): number => hypergeometricMass(k, a + b, c + d, a + c);
  const limit = mass(a) * (1 + 1e-14);
  let p = 0;
  for (let k = low; k <= high; k += 1) {
    const at = mass(k);
    if (alternative === 'less' ? k <= a : alternative === 'greater' ? k >= a : at <= limit) p += at;
  }
  return tested(odds, p, 'exact');
}
