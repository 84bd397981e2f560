import { cramersV } from '../distances/cramers-v.ts';
import { hellinger, lInfinity, totalVariation } from '../distances/differences.ts';
import { jensenShannonDistance, klDivergence, psiWith } from '../distances/divergences.ts';
import type { ZeroRule } from '../distances/shares.ts';
import { wassersteinBinned } from '../distances/wasserstein.ts';
import { binnedKs } from '../kolmogorov-smirnov.ts';
import type { Measured } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import type { NullLaw } from './null-law.ts';

/** What the limit law of a distance over counts depends on. */
export interface NullSizes {
  /** Rows of the reference. */
  readonly n: number;
  /** Rows of the current window. */
  readonly m: number;
  /** Bins that hold a row in either sample. */
  readonly bins: number;
}

/** A limit law and where it holds. */
export interface NullLimit {
  law(sizes: NullSizes): NullLaw;
  /** The fewest rows that each bin of the smaller sample must expect; measured, see CALIBRATION.md. */
  readonly leastExpected: number;
  /** Bins that expect fewer are merged, or the law is simulated on the bins as they are. */
  readonly sparse: 'merge' | 'deal';
  /** The fewest rows that the (merged) bins of the smaller sample must expect on average; with fewer the law is simulated on them. */
  readonly leastMean: number;
}

/** A distance over counts on shared bins. */
export interface BinnedMeasure {
  readonly name: string;
  of(reference: readonly number[], current: readonly number[]): Measured;
  /** null where there is no limit that is free of the shares: then the law is simulated. */
  readonly limit: NullLimit | null;
}

/** All f-divergences are, to second order, half their curvature times Σ (p - q)² / r, and that is (1/n + 1/m) χ²(bins - 1). */
const quadratic = (curvature: number, power: 1 | 2) => ({ n, m, bins }: NullSizes): NullLaw =>
  bins < 2 ? { how: 'none' } : { how: 'chi-square', dof: bins - 1, scale: curvature * (1 / n + 1 / m), power, shift: 0 };

/** Half a row in each bin and Cramér's correction make the limits of PSI and V good from five expected rows on. */
const merged = (law: NullLimit['law'], leastMean: number): NullLimit => ({ law, leastExpected: 5, sparse: 'merge', leastMean });
/** The others alarm on up to 10 % at a nominal 5 % there; from 40 on they are within a point. */
const dealt = (law: NullLimit['law']): NullLimit => ({ law, leastExpected: 40, sparse: 'deal', leastMean: 40 });
/** Where bins hold fewer on average, half a row in each draws PSI towards 0: 3.6 % alarms at a nominal 5 %. A few rare bins among full ones do no harm. */
const PSI_LEAST_MEAN = 15;

const isSmoothed = (zeros: ZeroRule): boolean => typeof zeros === 'object';
const named = (name: string, zeros: ZeroRule): string => (typeof zeros === 'object' ? name : `${name}, zeros ${zeros}`);

/** PSI; a rule that fills zeros by a constant has no usable limit (15 % alarms at a nominal 5 % on rare categories). */
export const psiMeasure = (zeros: ZeroRule = { pseudoCount: 0.5 }): BinnedMeasure => ({ name: named('psi', zeros), of: (a, b) => psiWith(a, b, zeros), limit: isSmoothed(zeros) ? merged(quadratic(1, 1), PSI_LEAST_MEAN) : null });

/** KL(reference || current) in nats. */
export const klMeasure = (zeros: ZeroRule = { pseudoCount: 0.5 }): BinnedMeasure => ({ name: named('kullback-leibler', zeros), of: (a, b) => klDivergence(a, b, { zeros }), limit: isSmoothed(zeros) ? dealt(quadratic(1 / 2, 1)) : null });

/** Jensen-Shannon distance, in nats unless a base is given. */
export const jensenShannonMeasure = (base = Math.E): BinnedMeasure => ({ name: 'jensen-shannon', of: (a, b) => jensenShannonDistance(a, b, { base }), limit: dealt(quadratic(1 / (8 * Math.log(base)), 2)) });

export const HELLINGER_MEASURE: BinnedMeasure = { name: 'hellinger', of: hellinger, limit: dealt(quadratic(1 / 8, 2)) };

/** V² min(k~, r~) = max(0, X² - dof N / (N - 1)) / N for two rows: the chi-square of the table, shifted. */
export const CRAMERS_V_MEASURE: BinnedMeasure = {
  name: 'cramers-v',
  of: cramersV,
  limit: merged(({ n, m, bins }) => {
    const all = n + m;
    const least = Math.min(bins - (bins - 1) ** 2 / (all - 1), 2 - 1 / (all - 1)) - 1;
    return bins < 2 || !(least > 0) ? { how: 'none' } : { how: 'chi-square', dof: bins - 1, scale: 1 / (all * least), power: 2, shift: (all * (bins - 1)) / (all - 1) };
  }, 5),
};

export const TOTAL_VARIATION_MEASURE: BinnedMeasure = { name: 'total-variation', of: totalVariation, limit: null };
export const L_INFINITY_MEASURE: BinnedMeasure = { name: 'l-infinity', of: lInfinity, limit: null };

/** Binned KS: simulated at the bins' own shares, because Kolmogorov's limit overstates p where values tie. */
export const BINNED_KS_MEASURE: BinnedMeasure = {
  name: 'binned-ks',
  of: (a, b) => {
    const d = binnedKs(a, b);
    return d === null ? unmeasured('EMPTY_SAMPLE') : measured(d);
  },
  limit: null,
};

/** Wasserstein-1 over bins with these edges. */
export const binnedWassersteinMeasure = (edges: readonly number[]): BinnedMeasure => ({ name: 'binned-wasserstein-1', of: (a, b) => wassersteinBinned(a, b, edges), limit: null });
