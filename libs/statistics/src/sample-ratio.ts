import { MettleError } from '@mettle/contracts';
import { checkPositive } from './checks.ts';
import { logGamma } from './gamma.ts';

/** ln E of one sample-ratio test at the counts so far. */
function logEvidence(counts: readonly number[], shares: readonly number[], concentration: number): number {
  const n = counts.reduce((sum, count) => sum + count, 0);
  let log = logGamma(concentration) - logGamma(concentration + n);
  counts.forEach((count, at) => {
    const share = shares[at] ?? 0;
    log += logGamma(concentration * share + count) - logGamma(concentration * share) - count * Math.log(share);
  });
  return log;
}

/**
 * Evidence that units do not fall into arms by `shares`: the Bayes factor of a Dirichlet-multinomial against the
 * planned multinomial. It is a test martingale under the plan, so `E >= 1/alpha` at any time is an alarm of rate alpha.
 * `concentration` is the prior's weight in units around the plan.
 * @see Lindon & Malek (2022), Anytime-valid inference for multinomial count data
 * @throws MettleError INVALID_INPUT for negative counts, shares that are not positive or do not sum to one, or a concentration that is not above 0
 */
export function sampleRatioEValue(counts: readonly number[], shares: readonly number[], concentration = 100): number {
  checkPositive(concentration, 'concentration');
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (counts.length !== shares.length || shares.some((share) => !(share > 0)) || Math.abs(total - 1) > 1e-9)
    throw new MettleError('INVALID_INPUT', 'shares are positive, one per arm, and sum to one', { shares: [...shares] });
  if (counts.some((count) => !(count >= 0 && Number.isFinite(count)))) throw new MettleError('INVALID_INPUT', 'counts are not negative', { counts: counts.map(String) });
  return Math.min(Number.MAX_VALUE, Math.exp(logEvidence(counts, shares, concentration)));
}
