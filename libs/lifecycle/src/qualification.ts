import type { ComputeActivities, MetricValue, ParityReport, Policy, Reason } from '@mettle/contracts';
import { labelUnits } from '@mettle/evaluation';
import { reasonOf } from '@mettle/promotion';

type Offline = Awaited<ReturnType<ComputeActivities['evaluateOffline']>>;
type Reported = Awaited<ReturnType<ComputeActivities['train']>>['reported'];

/**
 * What is wrong with a candidate before it sees a request: nothing, or a reason for each finding. The smoke scores must be
 * finite, the file must give the metrics that its trainer reported, the holdout metrics must lie within the policy's
 * bounds, and the training set must be the same bits when it is computed through the serving path.
 */
export function findings(policy: Pick<Policy, 'offline'>, offline: Offline, reported: Reported, parity: ParityReport): Reason[] {
  return [
    ...(offline.smoke.finite ? [] : [reasonOf('SMOKE_FAILED', { rows: offline.smoke.rows })]),
    ...differences(policy.offline.reportedTolerance, 'training', offline.training, reported.training),
    ...differences(policy.offline.reportedTolerance, 'holdout', offline.holdout, reported.holdout),
    ...policy.offline.bounds.flatMap((bound) => outside(bound, offline.holdout[bound.metric])),
    ...proof(parity),
  ];
}

/** Metrics that both sides know; one alone proves nothing. What is measured in the label's unit differs by shares of the labels' deviation. */
function differences(tolerance: number, set: 'training' | 'holdout', recomputed: Readonly<Record<string, MetricValue>>, reported: Readonly<Record<string, number>>): Reason[] {
  return Object.keys(reported).sort().flatMap((metric) => {
    const found = recomputed[metric]?.value;
    const said = reported[metric];
    const allowed = tolerance * labelUnits(metric, recomputed);
    if (found === undefined || said === undefined || Math.abs(found - said) <= allowed) return [];
    return [reasonOf('REPORTED_METRICS_DIFFER', { reported: said, recomputed: found, tolerance: allowed }, `${set} ${metric}`)];
  });
}

function outside(bound: Policy['offline']['bounds'][number], metric: MetricValue | undefined): Reason[] {
  if (metric === undefined) return [reasonOf('OFFLINE_UNKNOWN', {}, bound.metric)];
  const high = bound.atMost !== null && metric.value > bound.atMost;
  const low = bound.atLeast !== null && metric.value < bound.atLeast;
  return high || low ? [reasonOf('OFFLINE_OUT_OF_BOUNDS', { value: metric.value, atMost: bound.atMost, atLeast: bound.atLeast }, bound.metric)] : [];
}

function proof(parity: ParityReport): Reason[] {
  if (parity.verdict === 'pass') return [];
  return [reasonOf(parity.mismatches > 0 ? 'PARITY_MISMATCH' : 'PARITY_UNPROVEN', { rows: parity.rows, mismatches: parity.mismatches })];
}
