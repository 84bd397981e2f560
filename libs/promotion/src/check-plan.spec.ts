import { describe, expect, it } from 'vitest';
import { EndpointPlan, MONITOR_METRICS, days, hashOf, isMettleError, type LabelSpace, type MonitorKind, type PolicyInput } from '@mettle/contracts';
import { checkPlan } from './check-plan.ts';
import { policyOf } from './testing/cases.ts';

const MAE: Partial<PolicyInput> = { success: { metric: 'mae', direction: 'lower' }, guardrails: [] };
function problem(space: LabelSpace, over: Partial<PolicyInput> = {}, monitored?: string, kind: MonitorKind = 'performance'): string | null {
  const policy = policyOf(over);
  const plan = EndpointPlan.parse({
    v: 1, endpoint: 'e', clock: 'event', cadence: days(1), policy, policyHash: hashOf(policy),
    model: { v: 1, model: 'm', ...space, service: hashOf('s'), trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, holdout: days(7), owner: 'ml' },
    monitors: monitored === undefined ? [] : [{ v: 1, name: 'loss', endpoint: 'e', kind, metric: monitored, window: days(7), every: days(1), floor: 0.1 }],
  });
  try {
    checkPlan(plan);
    return null;
  } catch (error) {
    if (!isMettleError(error)) throw error;
    return error.code;
  }
}

describe('checkPlan', () => {
  it('takes a policy whose metrics are means of row losses of the task', () => {
    expect(problem({ task: 'binary' })).toBeNull();
    expect(problem({ task: 'regression' }, MAE, 'mae')).toBeNull();
    expect(problem({ task: 'regression' }, { success: { metric: 'pinball@0.9', direction: 'lower' }, guardrails: [{ metric: 'huber@15', margin: 1 }], offline: { bounds: [{ metric: 'r2', atLeast: 0.1 }, { metric: 'rmse', atMost: 9 }] } })).toBeNull();
    expect(problem({ task: 'multiclass', classes: 3 }, { success: { metric: 'accuracy', direction: 'higher' }, guardrails: [] })).toBeNull();
  });

  it.each<[string, string, LabelSpace, Partial<PolicyInput>?, string?]>([
    ['a task that no endpoint has', 'INVALID_INPUT', { task: 'ranking' }],
    ['classes that nobody counted', 'INVALID_INPUT', { task: 'multiclass' }],
    ['classes of a task without', 'INVALID_INPUT', { task: 'regression', classes: 4 }, MAE],
    ['a metric of another task', 'INVALID_POLICY', { task: 'regression' }],
    ['a value\'s metric for probabilities', 'INVALID_POLICY', { task: 'binary' }, MAE],
    ['a root of a mean, which no row has', 'INVALID_POLICY', { task: 'regression' }, { success: { metric: 'rmse', direction: 'lower' }, guardrails: [] }],
    ['a parameter out of range', 'INVALID_POLICY', { task: 'regression' }, { success: { metric: 'pinball@90', direction: 'lower' }, guardrails: [] }],
    ['a parameter that is missing', 'INVALID_POLICY', { task: 'regression' }, { success: { metric: 'huber', direction: 'lower' }, guardrails: [] }],
    ['a guardrail of another task', 'INVALID_POLICY', { task: 'regression' }, { ...MAE, guardrails: [{ metric: 'brier', margin: 0.1 }] }],
    ['a wrong direction', 'INVALID_POLICY', { task: 'multiclass', classes: 3 }, { success: { metric: 'accuracy', direction: 'lower' }, guardrails: [] }],
    ['a bound on what the task does not have', 'INVALID_POLICY', { task: 'regression' }, { ...MAE, offline: { bounds: [{ metric: 'auc', atLeast: 0.6 }] } }],
    ['a bound whose parameter is none', 'INVALID_POLICY', { task: 'regression' }, { ...MAE, offline: { bounds: [{ metric: 'pinball@x', atMost: 1 }] } }],
    ['a monitor of another metric than decides', 'INVALID_POLICY', { task: 'regression' }, MAE, 'mse'],
  ])('refuses %s', (_name, code, space, over, monitored) => {
    expect(problem(space, over, monitored)).toBe(code);
  });

  it.each(Object.entries(MONITOR_METRICS) as [MonitorKind, string[]][])('takes a %s monitor of what it measures, and no other', (kind, metrics) => {
    for (const metric of metrics) expect(problem({ task: 'binary' }, {}, metric, kind)).toBeNull();
    expect(problem({ task: 'binary' }, {}, 'log_loss', kind)).toBe('INVALID_INPUT');
  });
});
