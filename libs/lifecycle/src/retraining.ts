import { isoDate, type CandidateSpec, type Incident, type Policy, type TimeUs } from '@mettle/contracts';

/** What the policy of retraining looks at, at one watermark. */
export interface RetrainingSituation {
  readonly endpoint: string;
  readonly watermark: TimeUs;
  /** Watermark of the last candidate that this policy launched, or of the first deploy; null: none yet, so nothing to renew. */
  readonly lastLaunch: TimeUs | null;
  /** Incidents that are open now. */
  readonly incidents: readonly Pick<Incident, 'incidentId' | 'kind' | 'openedAt'>[];
  /** The last performance results held a breach. */
  readonly performanceBreached: boolean;
  /** Candidates that have not passed shadow. */
  readonly shadowing: number;
}

const isDrift = (kind: Incident['kind']): boolean => kind === 'inputDrift' || kind === 'outputDrift';
const causeOf = (text: string): string => text.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 100);

/**
 * The candidate that the policy asks for at a watermark, or null: for a performance incident, for drift that the
 * performance confirms, or for age, in this order; under the cooldown and with at most `shadow.concurrent` candidates not
 * past shadow. An incident asks once: a candidate launched at or after its opening has seen its data.
 */
export function candidateByPolicy(policy: Policy, situation: RetrainingSituation): CandidateSpec | null {
  const { retrain } = policy;
  const { watermark, lastLaunch } = situation;
  if (lastLaunch === null || situation.shadowing >= policy.shadow.concurrent || watermark - lastLaunch < retrain.cooldown) return null;
  const unanswered = situation.incidents
    .filter((incident) => incident.openedAt > lastLaunch)
    .sort((a, b) => a.openedAt - b.openedAt || (a.incidentId < b.incidentId ? -1 : 1));

  const incident = retrain.onIncident ? unanswered.find((one) => one.kind === 'performance') : undefined;
  if (incident) return refresh(situation.endpoint, causeOf(incident.incidentId), 'a performance incident is open');
  const drift = retrain.onConfirmedDrift && situation.performanceBreached ? unanswered.find((one) => isDrift(one.kind)) : undefined;
  if (drift) return refresh(situation.endpoint, causeOf(drift.incidentId), 'drift that the performance confirms');
  if (retrain.maxAge !== null && watermark - lastLaunch >= retrain.maxAge) return refresh(situation.endpoint, `age-${isoDate(watermark)}`, 'the last candidate is old enough to be renewed');
  return null;
}

const refresh = (endpoint: string, cause: string, note: string): CandidateSpec => ({ endpoint, cause, kind: 'refresh', service: null, trainer: null, snapshot: null, initial: false, note, by: null });
