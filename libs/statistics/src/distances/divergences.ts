import { checkPositive, sumOf } from '../checks.ts';
import { devianceTerm } from '../gamma.ts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import type { ZeroRule } from './shares.ts';
import { sharesOf } from './shares.ts';

export const PSI: Method = { name: 'psi', kind: 'distance', direction: 'larger', needs: 'counts', citation: 'Σ (p - q) ln(p / q), Jeffreys (1946); null law: Yurdakul (2018)' };
export const KL: Method = { name: 'kullback-leibler', kind: 'distance', direction: 'larger', needs: 'counts', citation: 'Kullback & Leibler (1951); as scipy.stats.entropy(p, q)' };
export const JENSEN_SHANNON: Method = { name: 'jensen-shannon', kind: 'distance', direction: 'larger', needs: 'counts', citation: 'Lin (1991); as scipy.spatial.distance.jensenshannon' };

/** p ln(p/m) + m - p: the added terms sum to zero over shares, and nothing cancels for near samples. */
const entropy = (p: number, m: number): number => (p === 0 ? m : m === 0 ? Number.POSITIVE_INFINITY : devianceTerm(p, m));
const sumBy = (p: readonly number[], q: readonly number[], part: (p: number, q: number) => number): number => p.reduce((sum, one, at) => sum + part(one, q[at] ?? 0), 0);

/** PSI under any rule for zeros; {@link psi} is the same with Jeffreys' ½ row. Never negative. */
export function psiWith(reference: readonly number[], current: readonly number[], zeros: ZeroRule): Measured {
  const shares = sharesOf(reference, current, zeros);
  if (shares === null) return unmeasured('EMPTY_SAMPLE');
  return psiOfShares(shares.p, shares.q);
}

/** Σ (p - q) ln(p / q) of shares as they are. */
export function psiOfShares(p: readonly number[], q: readonly number[]): Measured {
  const value = sumBy(p, q, (a, b) => (a === b ? 0 : (a - b) * Math.log(a / b)));
  return Number.isFinite(value) ? measured(value) : unmeasured('ZERO_MASS');
}

/** KL(reference || current) in nats, or in units of ln(base). Filled shares are renormalised, as SciPy's entropy does. */
export function klDivergence(reference: readonly number[], current: readonly number[], options: { zeros?: ZeroRule; base?: number } = {}): Measured {
  const shares = sharesOf(reference, current, options.zeros ?? { pseudoCount: 0.5 });
  if (shares === null) return unmeasured('EMPTY_SAMPLE');
  return klOfShares(shares.p, shares.q, options.base);
}

/** KL of weights, which are made shares first. */
export function klOfShares(p: readonly number[], q: readonly number[], base?: number): Measured {
  const ps = sumOf(p);
  const qs = sumOf(q);
  const value = sumBy(p, q, (a, b) => entropy(a / ps, b / qs));
  return Number.isFinite(value) ? measured(Math.max(0, value) / logBase(base)) : unmeasured('ZERO_MASS');
}

/** Jensen-Shannon divergence: finite without any fill. In nats at most ln 2; in base 2 at most 1. */
export function jensenShannonDivergence(reference: readonly number[], current: readonly number[], options: { base?: number } = {}): Measured {
  const shares = sharesOf(reference, current);
  if (shares === null) return unmeasured('EMPTY_SAMPLE');
  const value = sumBy(shares.p, shares.q, (p, q) => entropy(p, (p + q) / 2) + entropy(q, (p + q) / 2));
  return measured(Math.max(0, value) / 2 / logBase(options.base));
}

/** The square root of the divergence, a metric. Evidently uses nats, NannyML base 2. */
export function jensenShannonDistance(reference: readonly number[], current: readonly number[], options: { base?: number } = {}): Measured {
  const divergence = jensenShannonDivergence(reference, current, options);
  return divergence.value === null ? divergence : measured(Math.sqrt(divergence.value));
}

function logBase(base: number | undefined): number {
  if (base === undefined) return 1;
  checkPositive(base - 1, 'base - 1');
  return Math.log(base);
}
