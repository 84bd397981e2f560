import t from '@stdlib/stats-base-dists-t';

/** P(T <= x) for Student's t with `dof` > 0 degrees of freedom. */
export const tCdf = (x: number, dof: number): number => t.cdf(x, dof);
/** P(T > x): full relative accuracy in the upper tail. */
export const tSf = (x: number, dof: number): number => t.cdf(-x, dof);
/** x with P(T <= x) = p. */
export const tQuantile = (p: number, dof: number): number => t.quantile(p, dof);
