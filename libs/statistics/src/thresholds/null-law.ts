import { checkAlpha } from '../checks.ts';
import { chiSquareSf, chiSquareUpperQuantile } from '../chi-square.ts';

/**
 * The law of a distance between two samples of one population, as JSON: a caller keeps it beside the sizes or the
 * reference that it was made for.
 * - `chi-square`: distance^power / scale + shift ~ χ²(dof).
 * - `simulated`: distances of seeded replicates, ascending.
 * - `none`: the distance cannot be other than it is (one bin); it never alarms.
 */
export type NullLaw =
  | { readonly how: 'chi-square'; readonly dof: number; readonly scale: number; readonly power: 1 | 2; readonly shift: number }
  | { readonly how: 'simulated'; readonly replicates: readonly number[] }
  | { readonly how: 'none' };

/**
 * P(distance >= value) when nothing drifted. Simulated: (1 + replicates as large) / (1 + replicates), which no number of
 * replicates makes too small (Phipson & Smyth 2010).
 */
export function nullPValue(law: NullLaw, value: number): number {
  if (law.how === 'none') return 1;
  if (law.how === 'chi-square') return value <= 0 ? 1 : chiSquareSf(value ** law.power / law.scale + law.shift, law.dof);
  return (1 + law.replicates.length - firstAtLeast(law.replicates, value)) / (1 + law.replicates.length);
}

/**
 * The distance above which {@link nullPValue} is at most alpha; Infinity when no distance is: one bin, or fewer than
 * 1/alpha - 1 replicates.
 */
export function nullThreshold(law: NullLaw, alpha: number): number {
  checkAlpha(alpha);
  if (law.how === 'none') return Number.POSITIVE_INFINITY;
  if (law.how === 'chi-square') return Math.max(0, (chiSquareUpperQuantile(alpha, law.dof) - law.shift) * law.scale) ** (1 / law.power);
  const allowed = Math.floor(alpha * (1 + law.replicates.length) * (1 + 1e-12)) - 1;
  return allowed < 0 ? Number.POSITIVE_INFINITY : (law.replicates[law.replicates.length - 1 - allowed] ?? Number.NEGATIVE_INFINITY);
}

/** First place of an ascending list with at least `value`; equal up to rounding counts as equal. */
function firstAtLeast(ascending: readonly number[], value: number): number {
  const least = value - Math.abs(value) * 1e-12;
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
