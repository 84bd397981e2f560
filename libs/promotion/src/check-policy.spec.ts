import { describe, expect, it } from 'vitest';
import { days, hours, isMettleError } from '@mettle/contracts';
import type { PolicyInput, SlotSeries } from '@mettle/contracts';
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
const series = (noise: number, segments: Record<string, number> = {}): SlotSeries[] => [
  { metric: 'log_loss', segment: null, slots: slotsOf(createRandom(1), { days: 28, mean: 0, noise }) },
  ...Object.entries(segments).map(([segment, own]) => ({ metric: 'log_loss', segment, slots: slotsOf(createRandom(2), { days: 28, mean: 0, noise: own }) })),
];
const quiet = series(0.008);
const loud = series(0.3);

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
    ['looks within a week', { shadow: { min: days(7), max: days(28), lookEvery: days(1), concurrent: 1 } }],
    ['looks at broken weeks', { shadow: { min: days(7), max: days(28), lookEvery: days(10), concurrent: 1 } }],
    ['a shadow of less than a week', { shadow: { min: days(3), max: days(28), lookEvery: days(7), concurrent: 1 } }],
    ['half an alpha', { alpha: 0.5 }],
    ['an unknown guardrail', { guardrails: [{ metric: 'latency', margin: 1 }] }],
  ])('refuses %s', (_, over, facts) => {
    expect(problem(over, facts)?.code).toBe('INVALID_POLICY');
  });

  it('refuses what no data could satisfy, with the numbers', () => {
    expect(problem({ minSlots: 500 })).toMatchObject({ code: 'UNSATISFIABLE_POLICY', data: { minSlots: 500, available: 224 } });
    expect(problem({ challenge: { share: 0, min: days(3), max: days(7) } })?.code).toBe('UNSATISFIABLE_POLICY');
    expect(problem({ challenge: { share: 2000, min: 0, max: 0 } })).toMatchObject({ code: 'UNSATISFIABLE_POLICY', data: { max: 0 } });
    expect(problem({ shadow: { min: days(8), max: days(13), lookEvery: days(7), concurrent: 1 } })).toMatchObject({ code: 'UNSATISFIABLE_POLICY', data: { lastLook: days(7) } });
    const noisy = problem({}, { history: loud });
    expect(noisy?.code).toBe('UNSATISFIABLE_POLICY');
    expect(noisy?.data.neededDays).toBeGreaterThan(28);
    expect(noisy?.data.reachable).toBeGreaterThan(0.01);
    expect(noisy?.data.neededSlots).toBeGreaterThan(noisy?.data.availableSlots as number);
  });

  it('asks the same of every guardrail and segment, and names the one that fails', () => {
    expect(problem({}, { history: series(0.008, { 'origin=JFK': 0.008, 'origin=LGA': 0.3 }) })).toMatchObject({ code: 'UNSATISFIABLE_POLICY', data: { rule: 'origin=LGA', margin: 0.02 } });
    expect(problem({}, { history: series(0.008, { 'origin=JFK': 0.008, 'origin=LGA': 0.01 }) })).toBeNull();
    const brier = { metric: 'brier', segment: null, slots: loud[0]?.slots ?? [] };
    expect(problem({ guardrails: [{ metric: 'brier', margin: 0.01 }] }, { history: [...quiet, brier] })).toMatchObject({ data: { rule: 'brier' } });
    const rare = { metric: 'log_loss', segment: 'origin=JFK', slots: (quiet[0]?.slots ?? []).filter((_, at) => at % 8 === 0) };
    expect(problem({}, { history: [...quiet, rare] })).toMatchObject({ data: { rule: 'origin=JFK', availableSlots: 25, neededSlots: 30 } });  });
});
