import type { EndpointPlan, LabelSpace } from '@mettle/contracts';
import { ENDPOINT_TASKS, MONITOR_METRICS, MettleError, isMettleError } from '@mettle/contracts';
import { hasMetric } from '@mettle/evaluation';
import { checkPolicy } from './check-policy.ts';
import type { PolicyFacts } from './check-policy.ts';

/**
 * Checks an endpoint's plan when it is written: its task can be lived through, and its policy and monitors measure what
 * that task has.
 * @throws MettleError INVALID_INPUT for a task that no endpoint has, or whose classes are not said
 * @throws MettleError INVALID_POLICY | UNSATISFIABLE_POLICY as {@link checkPolicy}, and for an offline bound or a performance monitor of another metric
 */
export function checkPlan({ model, policy, monitors }: EndpointPlan, facts: PolicyFacts = {}): void {
  const { task, classes } = model;
  if (!ENDPOINT_TASKS.some((one) => one === task)) throw new MettleError('INVALID_INPUT', `an endpoint cannot be of the task '${task}'`, { field: 'model.task', task, known: [...ENDPOINT_TASKS] });
  if (task === 'multiclass' && classes === undefined) throw new MettleError('INVALID_INPUT', 'a multiclass model says how many classes it tells apart', { field: 'model.classes', task });
  if (task !== 'multiclass' && classes !== undefined) throw new MettleError('INVALID_INPUT', `the task ${task} has no classes to count`, { field: 'model.classes', task, classes });
  checkPolicy(policy, { ...facts, space: model });
  for (const { metric } of policy.offline.bounds) {
    if (!isKnown(model, metric)) throw new MettleError('INVALID_POLICY', `the task ${task} has no metric '${metric}' to bound`, { metric, task });
  }
  for (const { name, kind, metric } of monitors) {
    if (kind === 'performance' || MONITOR_METRICS[kind].includes(metric)) continue;
    throw new MettleError('INVALID_INPUT', `monitor '${name}': ${kind} does not measure '${metric}'`, { field: `monitors.${name}.metric`, metric, known: [...MONITOR_METRICS[kind]] });
  }
  // The champion's figure of before is kept for the metric that decides, and for no other.
  const other = monitors.find(({ kind, metric }) => kind === 'performance' && metric !== policy.success.metric);
  if (other !== undefined) throw new MettleError('INVALID_POLICY', `monitor '${other.name}' compares ${other.metric} with qualification, where ${policy.success.metric} decides`, { monitor: other.name, metric: other.metric, expected: policy.success.metric });
}

/** A parameter that is none is no metric either. */
function isKnown(space: LabelSpace, metric: string): boolean {
  try {
    return hasMetric(space, metric);
  } catch (error) {
    if (!isMettleError(error)) throw error;
    return false;
  }
}
