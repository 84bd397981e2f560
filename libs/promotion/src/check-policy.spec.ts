import { describe, expect, it } from 'vitest';
import { days, hours, isMettleError } from '@mettle/contracts';
import type { PolicyInput } from '@mettle/contracts';
import { createRandom } from '@mettle/statistics';
import { checkPolicy } from './check-policy.ts';
import type { PolicyFacts } from './check-policy.ts';
import { policyOf, slotsOf } from './testing/cases.ts';

const problem = (over: Partial<PolicyInput>, facts: PolicyFacts = {}) => {
  try {
    checkPolicy(policyOf(over), facts);
    return null;
  } catch (error) {
    if (!isMettleError(error)) throw error;
    return error;
  }
};
const quiet = slotsOf(createRandom(1), { days: 28, mean: 0, noise: 0.008 });
const loud = slotsOf(createRandom(1), { days: 28, mean: 0, noise: 0.3 });

describe('checkPolicy', () => {
  it('accepts the flights policy, with columns and with a quiet history', () => {
    expect(problem({})).toBeNull();
    expect(problem({}, { columns: ['origin', 'carrier'], history: quiet })).toBeNull();
  });

  it.each<[string, Partial<PolicyInput>, PolicyFacts?]>([
    ['a metric that is no mean', { success: { metric: 'auc', direction: 'higher' } }],
    ['a wrong direction', { success: { metric: 'log_loss', direction: 'higher' } }],
    ['slots that pretend independence', { slot: { width: hours(3), pooled: ['origin'], lag: 8 } }],
    ['a lag below a day', { slot: { width: hours(3), pooled: true, lag: 7 } }],
    ['a slot that does not divide a day', { slot: { width: hours(5), pooled: true, lag: 8 } }],
    ['a shadow that ends before it may', { shadow: { min: days(14), max: days(7), lookEvery: days(7), concurrent: 1 } }],
    ['looks after the end', { shadow: { min: days(1), max: days(6), lookEvery: days(7), concurrent: 1 } }],
    ['segments that are not columns', { segments: [{ column: 'airline', margin: 0.02 }] }, { columns: ['origin'] }],
    ['a segment twice', { segments: [{ column: 'origin', margin: 0.02 }, { column: 'origin', margin: 0.03 }] }],
    ['half an alpha', { alpha: 0.5 }],
    ['an unknown guardrail', { guardrails: [{ metric: 'latency', margin: 1 }] }],
  ])('refuses %s', (_, over, facts) => {
    expect(problem(over, facts)?.code).toBe('INVALID_POLICY');
  });

  it('refuses what no data could satisfy, with the numbers', () => {
    expect(problem({ minSlots: 500 })).toMatchObject({ code: 'UNSATISFIABLE_POLICY', data: { minSlots: 500, available: 224 } });
    expect(problem({ challenge: { share: 0, min: days(3), max: days(7) } })?.code).toBe('UNSATISFIABLE_POLICY');
    const noisy = problem({}, { history: loud });
    expect(noisy?.code).toBe('UNSATISFIABLE_POLICY');
    expect(noisy?.data.neededDays).toBeGreaterThan(28);
    expect(noisy?.data.reachable).toBeGreaterThan(0.01);
  });
});
