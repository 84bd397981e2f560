import { checkAlpha, checkPositive, checkRange } from '../checks.ts';
import type { Alternative, Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { normalCdf, normalSf, normalUpperQuantile } from '../normal.ts';
import { firstReal, firstWhole } from '../search.ts';

export const TWO_PROPORTIONS_POWER: Method = { name: 'two-proportions-power', kind: 'power', direction: 'larger', needs: 'counts', citation: 'Pooled z at one look; as statsmodels.stats.proportion.power_proportions_2indep' };

export interface ProportionsPlan {
  /** Share of the second (reference) arm. */
  readonly reference: number;
  /** Second arm's size over the first's. */
  readonly ratio?: number;
  readonly alpha: number;
  readonly alternative?: Alternative;
}

const MOST = 2 ** 50;

function check({ reference, ratio = 1, alpha }: ProportionsPlan): void {
  checkAlpha(alpha);
  checkRange(reference, 'reference', 0, 1);
  checkPositive(ratio, 'ratio');
}

/** Power of the pooled z test for shares reference + difference and reference, `n` units in the first arm. 0 when neither share can vary. */
export function twoProportionsPower(difference: number, n: number, plan: ProportionsPlan): number {
  check(plan);
  const { reference, ratio = 1, alpha, alternative = 'two-sided' } = plan;
  const share = reference + difference;
  checkRange(share, 'reference + difference', 0, 1);
  checkPositive(n, 'n');
  const pooled = (share + reference * ratio) / (1 + ratio);
  const underNull = Math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio));
  const actual = Math.sqrt(share * (1 - share) + (reference * (1 - reference)) / ratio);
  if (!(underNull > 0)) return 0;
  const bound = normalUpperQuantile(alternative === 'two-sided' ? alpha / 2 : alpha) * underNull;
  const shift = difference * Math.sqrt(n);
  // Without variance the outcome is certain.
  const beyond = (gap: number): number => (actual > 0 ? normalSf(gap / actual) : gap <= 0 ? 1 : 0);
  const larger = alternative === 'less' ? 0 : beyond(bound - shift);
  return larger + (alternative === 'greater' ? 0 : actual > 0 ? normalCdf((-bound - shift) / actual) : beyond(bound + shift));
}

/** Units in the first arm with which a difference is found with probability `power`; OUT_OF_REACH for a difference of none, or of the other sign. */
export function twoProportionsSize(difference: number, power: number, plan: ProportionsPlan): Measured {
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const holds = (n: number): boolean => twoProportionsPower(difference, n, plan) >= power;
  return holds(MOST) && difference !== 0 ? measured(firstWhole(1, MOST, holds)) : unmeasured('OUT_OF_REACH');
}

/** The smallest difference (negative for `less`) found with probability `power`; OUT_OF_REACH when even the share 1 (or 0) is not. */
export function twoProportionsDetectable(n: number, power: number, plan: ProportionsPlan): Measured {
  check(plan);
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const widest = plan.alternative === 'less' ? -plan.reference : 1 - plan.reference;
  const holds = (difference: number): boolean => twoProportionsPower(difference, n, plan) >= power;
  return widest !== 0 && holds(widest) ? measured(firstReal(0, widest, holds)) : unmeasured('OUT_OF_REACH');
}
