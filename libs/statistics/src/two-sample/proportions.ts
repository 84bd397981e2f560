import { MettleError } from '@mettle/contracts';
import { checkWhole } from '../checks.ts';
import type { Alternative, Method, TestResult } from '../method.ts';
import { tested, untested } from '../method.ts';
import { normalCdf, normalSf } from '../normal.ts';

export const TWO_PROPORTIONS: Method = { name: 'two-proportions', kind: 'two-sample-test', direction: 'both', needs: 'counts', citation: 'Pooled z; as statsmodels.stats.proportion.proportions_ztest' };

/** Pooled z test of p1 - p2 = 0. The statistic is z. */
export function twoProportionsTest(a: { hits: number; of: number }, b: { hits: number; of: number }, alternative: Alternative = 'two-sided'): TestResult {
  for (const one of [a, b]) {
    checkWhole(one.hits, 'hits');
    checkWhole(one.of, 'of');
    if (one.hits > one.of) throw new MettleError('INVALID_INPUT', 'hits are at most the trials', { hits: one.hits, of: one.of });
  }
  if (a.of === 0 || b.of === 0) return untested('EMPTY_SAMPLE', 'asymptotic');
  const pooled = (a.hits + b.hits) / (a.of + b.of);
  if (pooled === 0 || pooled === 1) return untested('NO_VARIANCE', 'asymptotic');
  const z = (a.hits / a.of - b.hits / b.of) / Math.sqrt(pooled * (1 - pooled) * (1 / a.of + 1 / b.of));
  return tested(z, alternative === 'less' ? normalCdf(z) : alternative === 'greater' ? normalSf(z) : 2 * normalSf(Math.abs(z)), 'asymptotic');
}
