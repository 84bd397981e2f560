import type { ComputeActivities, MetricValue, ParityReport, Policy, Reason } from '@mettle/contracts';

type Offline = Awaited<ReturnType<ComputeActivities['evaluateOffline']>>;
type Reported = Awaited<ReturnType<ComputeActivities['train']>>['reported'];

/**
 * What is wrong with a candidate before it sees a request: nothing, or a reason for each finding. The smoke scores must be
 * finite, the file must give the metrics that its trainer reported, the holdout metrics must lie within the policy's
 * bounds, and the training set must be the same bits when it is computed through the serving path.
 */
export function findings(policy: Pick<Policy, 'offline'>, offline: Offline, reported: Reported, parity: ParityReport): Reason[] {
  return [
    ...(offline.smoke.finite ? [] : [{ code: 'smokeFailed', numbers: { rows: offline.smoke.rows } }]),
    ...differences(policy.offline.reportedTolerance, 'training', offline.training, reported.training),
    ...differences(policy.offline.reportedTolerance, 'holdout', offline.holdout, reported.holdout),
    ...policy.offline.bounds.flatMap((bound) => outside(bound, offline.holdout[bound.metric])),
    ...proof(parity),
  ];
}

/** Metrics that both sides know; one alone proves nothing. */
function differences(tolerance: number, set: 'training' | 'holdout', recomputed: Readonly<Record<string, MetricValue>>, reported: Readonly<Record<string, number>>): Reason[] {
  return Object.keys(reported).sort().flatMap((metric) => {
    const found = recomputed[metric]?.value;
    const said = reported[metric];
    if (found === undefined || said === undefined || Math.abs(found - said) <= tolerance) return [];
    return [{ code: 'reportedMetricsDiffer', numbers: { [`${set}.${metric}.reported`]: said, [`${set}.${metric}.recomputed`]: found, tolerance } }];
  });
}

function outside(bound: Policy['offline']['bounds'][number], metric: MetricValue | undefined): Reason[] {
  if (metric === undefined) return [{ code: 'offlineUnknown', numbers: { [bound.metric]: null } }];
  const high = bound.atMost !== null && metric.value > bound.atMost;
  const low = bound.atLeast !== null && metric.value < bound.atLeast;
  return high || low ? [{ code: 'offlineBound', numbers: { [bound.metric]: metric.value, atMost: bound.atMost, atLeast: bound.atLeast } }] : [];
}

function proof(parity: ParityReport): Reason[] {
  if (parity.verdict === 'pass') return [];
  return [{ code: parity.mismatches > 0 ? 'parityMismatch' : 'parityUnproven', numbers: { rows: parity.rows, mismatches: parity.mismatches } }];
}
