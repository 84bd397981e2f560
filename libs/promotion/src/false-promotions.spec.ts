import { describe, expect, it } from 'vitest';
import { days } from '@mettle/contracts';
import { falsePromotionsPerYear, renderFalsePromotions } from './false-promotions.ts';
import { policyOf } from './testing/cases.ts';

const retrain = { onIncident: true, onConfirmedDrift: true, maxAge: days(7), cooldown: days(5) };

describe('falsePromotionsPerYear', () => {
  it('spends alpha per candidate: 52 by age, 73 at the pace of the cooldown', () => {
    const found = falsePromotionsPerYear(policyOf({ retrain }), days(1));
    expect(found.byAge).toBeCloseTo(365 / 7, 10);
    expect(found.most).toBeCloseTo(73, 10);
    expect(found.expectedByAge).toBeCloseTo(0.05 * (365 / 7), 10);
    expect(found.expectedAtMost).toBeCloseTo(3.65, 10);
    expect(found.worstCreep).toBeCloseTo(0.73, 10);
    expect(renderFalsePromotions(found, policyOf({ retrain }))).toBe('Of 52 (73 when every incident asks for one) candidates a year, each judged at alpha 0.05, no more than 2.6 (3.7 when every incident asks for one) are expected to be promoted if none were any good.');
  });

  it('launches nothing between two steps of the clock, and no more than there are places in shadow', () => {
    expect(falsePromotionsPerYear(policyOf({ retrain }), days(4)).most).toBeCloseTo(365 / 8, 10);
    const narrow = policyOf({ retrain, shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 1 } });
    expect(falsePromotionsPerYear(narrow, days(1)).most).toBeCloseTo(365 / 8, 10);
  });

  it('without a trigger there is no candidate', () => {
    const never = falsePromotionsPerYear(policyOf({ retrain: { onIncident: false, onConfirmedDrift: false, maxAge: null, cooldown: days(5) } }), days(1));
    expect(never).toEqual({ byAge: null, most: 0, expectedAtMost: 0, expectedByAge: null, worstCreep: 0 });
    const aged = falsePromotionsPerYear(policyOf({ retrain: { ...retrain, onIncident: false, onConfirmedDrift: false } }), days(1));
    expect(aged.most).toBe(aged.byAge);
  });
});
