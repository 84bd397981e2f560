import { hellinger } from '../distances/differences.ts';
import { cramersV } from '../distances/cramers-v.ts';
import { jensenShannonDistance, klDivergence, klOfShares, psiOfShares, psiWith } from '../distances/divergences.ts';
import { energyDistance, wassersteinNormalised } from '../distances/wasserstein.ts';
import { sharesOf, sharesUnder } from '../distances/shares.ts';
import type { Measured } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { chiSquareSf } from '../chi-square.ts';
import { checkWhole, sumOf } from '../checks.ts';
import { centred, sortedCopy } from '../sorted.ts';
import { ksStatistic, ksTest } from '../two-sample/ks.ts';
import { twoProportionsTest } from '../two-sample/proportions.ts';
import { doaneCounts, sturgesCounts } from './preset-bins.ts';

/** A fixed rule of another tool, as that tool computes it. It does not know its sample sizes: print its measured rate beside it. */
export interface Preset<Sample> {
  /** Tool and method, e.g. `evidently/psi`. */
  readonly name: string;
  /** The version whose source was read. */
  readonly source: string;
  /** null: the mean plus three standard deviations of the scores of the reference's own chunks, see {@link chunkThreshold}. */
  readonly threshold: number | null;
  /** What alarms: a score from the threshold on (`larger`) or a p-value below it (`smaller`). */
  readonly direction: 'larger' | 'smaller';
  score(reference: Sample, current: Sample): Measured;
}

export type ValuePreset = Preset<ArrayLike<number>>;
export type CountPreset = Preset<readonly number[]>;

/**
 * NannyML's threshold: the reference is cut into chunks as large as the current window, each is scored against the whole
 * reference (itself included), and an alarm is a score above their mean plus three population standard deviations.
 * null with less than one whole chunk.
 */
export function chunkThreshold(preset: ValuePreset, reference: ArrayLike<number>, size: number): number | null {
  checkWhole(size, 'size', 1);
  const values = Float64Array.from(reference);
  const scores: number[] = [];
  for (let from = 0; from + size <= values.length; from += size) {
    const { value } = preset.score(values, values.subarray(from, from + size));
    if (value !== null) scores.push(value);
  }
  if (scores.length === 0) return null;
  const { mean, squares } = centred(scores);
  return mean + 3 * Math.sqrt(squares / scores.length);
}

/** Whether the preset alarms; null where its score or its threshold has no number. */
export function presetAlarms<Sample extends ArrayLike<number>>(preset: Preset<Sample>, reference: Sample, current: Sample): boolean | null {
  const { value } = preset.score(reference, current);
  if (value === null) return null;
  if (preset.threshold === null) {
    const limit = chunkThreshold(preset as unknown as ValuePreset, reference, current.length);
    return limit === null ? null : value > limit;
  }
  return preset.direction === 'larger' ? value >= preset.threshold : value < preset.threshold;
}

const EVIDENTLY = 'Evidently 0.7.23';
const NANNYML = 'NannyML 0.13.1';
const DEEPCHECKS = 'Deepchecks 0.19.1';
const WHYLOGS = 'whylogs 1.6.4';

type OfCounts = (reference: readonly number[], current: readonly number[]) => Measured;
type Binning = (reference: ArrayLike<number>, current: ArrayLike<number>) => { reference: number[]; current: number[] };
const binned = (name: string, source: string, threshold: number | null, bins: Binning, of: OfCounts): ValuePreset => ({
  name, source, threshold, direction: 'larger',
  score: (x, y) => {
    if (x.length === 0 || y.length === 0) return unmeasured('EMPTY_SAMPLE');
    const counts = bins(x, y);
    return of(counts.reference, counts.current);
  },
});
const counted = (name: string, source: string, threshold: number, of: OfCounts): CountPreset => ({ name, source, threshold, direction: 'larger', score: of });
const ks = (x: ArrayLike<number>, y: ArrayLike<number>): Measured => {
  const { pValue, reason } = ksTest(x, y);
  return reason === null ? measured(pValue) : unmeasured(reason);
};
const ksDistance = (x: ArrayLike<number>, y: ArrayLike<number>): Measured => (x.length === 0 || y.length === 0 ? unmeasured('EMPTY_SAMPLE') : measured(ksStatistic(sortedCopy(x), sortedCopy(y))));

/** Of a numeric column Evidently fills bins that are empty in both samples too, and they weigh in. */
const filled = (of: (p: readonly number[], q: readonly number[]) => Measured): OfCounts => (a, b) => {
  const n = sumOf(a);
  const m = sumOf(b);
  return n === 0 || m === 0 ? unmeasured('EMPTY_SAMPLE') : of(sharesUnder(a, n, 'evidently'), sharesUnder(b, m, 'evidently'));
};
const jsBits: OfCounts = (a, b) => jensenShannonDistance(a, b, { base: 2 });

export const EVIDENTLY_KS: ValuePreset = { name: 'evidently/ks', source: EVIDENTLY, threshold: 0.05, direction: 'smaller', score: ks };
export const EVIDENTLY_WASSERSTEIN: ValuePreset = { name: 'evidently/wasserstein', source: EVIDENTLY, threshold: 0.1, direction: 'larger', score: wassersteinNormalised };

/** Presets over numeric columns. Evidently's own choice is KS up to 1,000 reference rows and Wasserstein above. */
export const VALUE_PRESETS: readonly ValuePreset[] = [
  EVIDENTLY_KS,
  EVIDENTLY_WASSERSTEIN,
  binned('evidently/psi', EVIDENTLY, 0.1, sturgesCounts, filled(psiOfShares)),
  binned('evidently/jensenshannon', EVIDENTLY, 0.1, sturgesCounts, jensenShannonDistance),
  binned('evidently/kl_div', EVIDENTLY, 0.1, sturgesCounts, filled(klOfShares)),
  binned('evidently/hellinger', EVIDENTLY, 0.1, sturgesCounts, hellinger),
  { name: 'evidently/ed', source: EVIDENTLY, threshold: 0.1, direction: 'larger', score: energyDistance },
  binned('nannyml/jensen_shannon', NANNYML, null, doaneCounts, jsBits),
  binned('nannyml/hellinger', NANNYML, null, doaneCounts, hellinger),
  { name: 'deepchecks/ks', source: DEEPCHECKS, threshold: 0.2, direction: 'larger', score: ksDistance },
];

/** Presets over category counts. */
export const COUNT_PRESETS: readonly CountPreset[] = [
  { name: 'evidently/chisquare', source: EVIDENTLY, threshold: 0.05, direction: 'smaller', score: goodnessOfFit },
  { name: 'evidently/z', source: EVIDENTLY, threshold: 0.05, direction: 'smaller', score: proportions },
  counted('evidently/psi', EVIDENTLY, 0.1, (a, b) => psiWith(a, b, 'evidently')),
  counted('evidently/jensenshannon', EVIDENTLY, 0.1, jensenShannonDistance),
  counted('evidently/kl_div', EVIDENTLY, 0.1, (a, b) => klDivergence(a, b, { zeros: 'evidently' })),
  counted('evidently/hellinger', EVIDENTLY, 0.1, hellinger),
  counted('deepchecks/cramers_v', DEEPCHECKS, 0.2, cramersV),
  counted('deepchecks/psi', DEEPCHECKS, 0.2, (a, b) => psiWith(a, b, 'deepchecks')),
  counted('whylogs/hellinger possible', WHYLOGS, 0.15, hellinger),
  counted('whylogs/hellinger', WHYLOGS, 0.4, hellinger),
];

/** Evidently's chi-square: the reference's shares are taken as known, and a category that it lacks gives p = 0. */
function goodnessOfFit(reference: readonly number[], current: readonly number[]): Measured {
  const shares = sharesOf(reference, current);
  if (shares === null) return unmeasured('EMPTY_SAMPLE');
  const m = sumOf(current);
  if (shares.p.length < 2) return measured(1);
  let statistic = 0;
  shares.p.forEach((p, at) => { statistic += p === 0 ? Number.POSITIVE_INFINITY : (m * ((shares.q[at] ?? 0) - p) ** 2) / p; });
  return measured(chiSquareSf(statistic, shares.p.length - 1));
}

/** Evidently's z: the first category against all others. */
function proportions(reference: readonly number[], current: readonly number[]): Measured {
  const n = sumOf(reference);
  const m = sumOf(current);
  const first = reference.findIndex((count, at) => count + (current[at] ?? 0) > 0);
  if (n === 0 || m === 0 || first < 0) return unmeasured('EMPTY_SAMPLE');
  const { pValue } = twoProportionsTest({ hits: reference[first] ?? 0, of: n }, { hits: current[first] ?? 0, of: m });
  return measured(pValue ?? 1);
}
