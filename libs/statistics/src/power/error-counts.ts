import { binomialSf } from '../binomial.ts';
import { checkAlpha, checkPositive, checkRange, checkWhole } from '../checks.ts';
import { logGamma } from '../gamma.ts';
import type { Measured, Method } from '../method.ts';
import { measured, unmeasured } from '../method.ts';
import { firstReal, firstWhole } from '../search.ts';
import { alarmingCounts, alarms } from './sample-ratio.ts';

export const ERROR_COUNT_POWER: Method = { name: 'error-count-power', kind: 'power', direction: 'larger', needs: 'counts', citation: 'Lindon & Malek (2022) on errors by arm; Poisson errors, binomial given their total' };

/** The rule "the challenger fails more often": errors by arm against the arms' rows, E >= 1/alpha. */
export interface ErrorCountPlan {
  readonly alpha: number;
  /** Prior weight in errors; the promotion rule's is 4. */
  readonly concentration?: number;
}

interface Arms { readonly champion: number; readonly challenger: number }

/** Beyond this many expected errors a look has power for any difference worth the name; the sum over totals would be long. */
const MOST_ERRORS = 1e7;

/** Probability that the rule fires at one look on `rows` when errors come at `rates`; earlier looks only add to it. */
export function errorCountPower(rates: Arms, rows: Arms, plan: ErrorCountPlan): number {
  checkAlpha(plan.alpha);
  for (const arm of ['champion', 'challenger'] as const) {
    checkRange(rates[arm], `rates.${arm}`, 0, 1);
    checkWhole(rows[arm], `rows.${arm}`, 1);
  }
  const expected = rows.champion * rates.champion + rows.challenger * rates.challenger;
  checkRange(expected, 'expected errors', 0, MOST_ERRORS);
  if (expected === 0) return 0;
  const share = rows.challenger / (rows.champion + rows.challenger);
  const actual = (rows.challenger * rates.challenger) / expected;
  const rule = { share, alpha: plan.alpha, concentration: plan.concentration ?? 4 };
  // Eight deviations of the total hold all but 1e-15 of its law.
  const reach = 8 * Math.sqrt(expected) + 30;
  const first = Math.max(1, Math.floor(expected - reach));
  let { many } = alarmingCounts(first, rule);
  let power = 0;
  for (let errors = first; errors <= expected + reach; errors += 1) {
    // One more error raises the alarming count by one at most, and never lowers it.
    if (errors > first && !alarms(many, errors, rule)) many += 1;
    if (many <= errors) power += Math.exp(errors * Math.log(expected) - expected - logGamma(errors + 1)) * binomialSf(many - 1, errors, actual);
  }
  return Math.min(1, power);
}

/** The lowest rate of the challenger, above the champion's, that the rule finds with probability `power`; OUT_OF_REACH when even failing always is not. */
export function errorCountDetectable(rate: number, power: number, rows: Arms, plan: ErrorCountPlan): Measured {
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  const found = (challenger: number): boolean => errorCountPower({ champion: rate, challenger }, rows, plan) >= power;
  return rate < 1 && found(1) ? measured(firstReal(rate, 1, found)) : unmeasured('OUT_OF_REACH');
}

/** Rows of both arms together, `share` of them the challenger's, with which the rule finds these rates with probability `power`. */
export function errorCountSize(rates: Arms, power: number, { share, ...plan }: ErrorCountPlan & { readonly share: number }): Measured {
  checkRange(power, 'power', Number.MIN_VALUE, 1 - Number.EPSILON);
  checkRange(share, 'share', Number.EPSILON, 1 - Number.EPSILON);
  checkPositive(rates.challenger, 'rates.challenger');
  const split = (all: number): Arms => ({ champion: Math.max(1, Math.round(all * (1 - share))), challenger: Math.max(1, Math.round(all * share)) });
  const holds = (all: number): boolean => errorCountPower(rates, split(all), plan) >= power;
  const most = Math.floor((MOST_ERRORS * 0.99) / Math.max(rates.champion, rates.challenger));
  let high = 2;
  while (high < most && !holds(high)) high = Math.min(most, high * 2);
  return rates.challenger > rates.champion && holds(high) ? measured(firstWhole(Math.floor(high / 2), high, holds)) : unmeasured('OUT_OF_REACH');
}
