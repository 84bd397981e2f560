import type { Coverage, DurationUs, Range, TimeUs, Verdict } from '@mettle/contracts';
import { checkPositive, checkRange, newcombeInterval } from '@mettle/statistics';
import type { IntervalResult } from '@mettle/statistics';

/** Labelled share of an arm's predictions; null without predictions. Rows that an arm dropped have no usable label. */
export const coverageOf = (coverage: Coverage): number | null => (coverage.predictions > 0 ? coverage.labels / coverage.predictions : null);

export interface Arms { readonly champion: Coverage; readonly candidate: Coverage }

/** |coverage of one arm - of the other|: where it is large, the labels that arrived are not the same kind of rows. */
export function coverageGap(arms: Arms): number | null {
  const champion = coverageOf(arms.champion);
  const candidate = coverageOf(arms.candidate);
  return champion === null || candidate === null ? null : Math.abs(champion - candidate);
}

export interface CoverageRule {
  /** Largest gap that does not matter. */
  readonly maxGap: number;
  readonly alpha: number;
  /** true: both arms scored the same rows, so a gap is no chance but rows that one of them lost. */
  readonly sameRows: boolean;
}

/**
 * What a difference of coverage means.
 * - `COMPLETE`: every prediction of both arms has its label.
 * - `ALIKE`: the gap is at most `maxGap`, chance included (or exactly, on the same rows).
 * - `SELECTIVE`: beyond `maxGap` and beyond chance. Whether a label arrives depends on the arm, so the labelled rows of
 *   one arm are another kind of rows than those of the other: a difference of their losses may be the selection and not
 *   the model. It is an alarm of its own, and no comparison of arms may be made on these labels.
 * - `UNCLEAR`: too few predictions to tell.
 */
export interface CoverageDifference {
  readonly verdict: Verdict;
  readonly meaning: 'NO_PREDICTIONS' | 'COMPLETE' | 'ALIKE' | 'SELECTIVE' | 'UNCLEAR';
  readonly champion: number | null;
  readonly candidate: number | null;
  /** Candidate minus champion with Newcombe's interval. */
  readonly difference: IntervalResult;
}

export function coverageDifference(arms: Arms, rule: CoverageRule): CoverageDifference {
  checkRange(rule.maxGap, 'maxGap', 0, 1);
  const share = (of: Coverage): { hits: number; of: number } => ({ hits: of.labels, of: of.predictions });
  const difference = newcombeInterval(share(arms.candidate), share(arms.champion), rule.alpha);
  const common = { champion: coverageOf(arms.champion), candidate: coverageOf(arms.candidate), difference };
  if (difference.estimate === null) return { verdict: 'undetermined', meaning: 'NO_PREDICTIONS', ...common };
  if (common.champion === 1 && common.candidate === 1) return { verdict: 'pass', meaning: 'COMPLETE', ...common };
  const beyond = Math.abs(difference.estimate) > rule.maxGap;
  const sure = rule.sameRows || (beyond ? difference.low > 0 || difference.high < 0 : difference.low >= -rule.maxGap && difference.high <= rule.maxGap);
  if (!sure) return { verdict: 'undetermined', meaning: 'UNCLEAR', ...common };
  return beyond ? { verdict: 'fail', meaning: 'SELECTIVE', ...common } : { verdict: 'pass', meaning: 'ALIKE', ...common };
}

/**
 * Between which values the mean loss of all rows lies when only a share of them is labelled and a loss lies in
 * [smallest, largest]: no assumption about the others. A difference of arms moves by at most the sum of both widths.
 * @see Manski (1989), Anatomy of the selection problem
 */
export function missingLabelBounds(meanLoss: number, coverage: number, smallest: number, largest: number): { low: number; high: number } {
  checkRange(coverage, 'coverage', 0, 1);
  checkRange(meanLoss, 'mean loss', smallest, largest);
  return { low: coverage * meanLoss + (1 - coverage) * smallest, high: coverage * meanLoss + (1 - coverage) * largest };
}

/** Predictions of T in a range, with their labels so far, by arm. */
export interface Cohort extends Arms { readonly range: Range }

export interface CohortRule extends CoverageRule {
  readonly watermark: TimeUs;
  /** How long after T a label may arrive. */
  readonly maturation: DurationUs;
  readonly minCoverage: number;
}

export interface JudgedCohort extends Cohort {
  /** May this cohort be judged? */
  readonly verdict: Verdict;
  readonly reason: 'MATURE' | 'IMMATURE' | 'NO_PREDICTIONS' | 'LOW_COVERAGE' | 'COVERAGE_GAP' | 'COVERAGE_UNCLEAR';
  readonly coverage: CoverageDifference;
}

/**
 * Which cohorts may be judged: those whose last row had the whole maturation before the watermark, with enough labels in
 * both arms and no selective gap. An immature cohort is never judged, however many labels it has: those that came early
 * are not a sample of all. @throws MettleError INVALID_INPUT for shares outside [0, 1]
 */
export function judgeCohorts(cohorts: readonly Cohort[], rule: CohortRule): JudgedCohort[] {
  checkRange(rule.minCoverage, 'minCoverage', 0, 1);
  if (rule.maturation !== 0) checkPositive(rule.maturation, 'maturation');
  return cohorts.map((cohort) => {
    const coverage = coverageDifference(cohort, rule);
    const judged = (verdict: Verdict, reason: JudgedCohort['reason']): JudgedCohort => ({ ...cohort, verdict, reason, coverage });
    if (cohort.range.to + rule.maturation > rule.watermark) return judged('undetermined', 'IMMATURE');
    if (coverage.meaning === 'NO_PREDICTIONS') return judged('undetermined', 'NO_PREDICTIONS');
    if (Math.min(coverage.champion ?? 0, coverage.candidate ?? 0) < rule.minCoverage) return judged('undetermined', 'LOW_COVERAGE');
    if (coverage.meaning === 'SELECTIVE') return judged('fail', 'COVERAGE_GAP');
    return coverage.meaning === 'UNCLEAR' ? judged('undetermined', 'COVERAGE_UNCLEAR') : judged('pass', 'MATURE');
  });
}
