import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  CandidateSpec, CommitResult, DecisionInput, Incident, LifecycleStatus, Principal, RouteTable, TimeUs, WatermarkResult,
} from '@mettle/contracts';

// What clients and workflows say to each other. Every update is idempotent by what it carries, not by its update id:
// Temporal forgets update ids when a workflow continues as new.

/** What a person says with an approval or a rejection. */
export interface Word {
  readonly by: Principal;
  readonly note: string;
}

/** What the endpoint's clock knows. */
export interface ClockStatus {
  readonly endpoint: string;
  /** null: the first step is still to come. */
  readonly watermark: TimeUs | null;
  /** The watermark that a running step works towards. */
  readonly stepping: TimeUs | null;
  readonly lastLaunch: TimeUs | null;
  /** Ids of the lifecycles that have not ended, oldest first. */
  readonly open: readonly string[];
}

export interface IncidentStatus {
  readonly incident: Incident;
  /** Channels by the news they have had, e.g. `opened: ['ops']`. */
  readonly delivered: Readonly<Record<string, readonly string[]>>;
  /** Channels that refused for good. */
  readonly undelivered: Readonly<Record<string, readonly string[]>>;
  readonly reminders: number;
}

/** Commits one decision on an endpoint's route; the same `key` returns the first result. */
export const decide = defineUpdate<CommitResult, [DecisionInput]>('decide');
/** The table that the endpoint's workflow decides on; null before the first deploy. */
export const route = defineQuery<RouteTable | null>('route');

/** Moves an endpoint's watermark to T and returns when everything up to T has been decided and is served. */
export const advanceWatermark = defineUpdate<WatermarkResult, [TimeUs]>('advanceWatermark');
/** Starts a person's candidate; one that is `initial` is brought to its end before the update returns. */
export const launch = defineUpdate<LifecycleStatus, [CandidateSpec]>('launch');
export const clockStatus = defineQuery<ClockStatus>('clockStatus');

/** The watermark has reached T: returns once the lifecycle has ended or waits for a later watermark or an approval. */
export const tick = defineUpdate<LifecycleStatus, [TimeUs]>('tick');
export const approve = defineUpdate<LifecycleStatus, [Word]>('approve');
export const reject = defineUpdate<LifecycleStatus, [Word]>('reject');
export const status = defineQuery<LifecycleStatus>('status');

export const acknowledge = defineUpdate<IncidentStatus, [Word]>('acknowledge');
export const close = defineUpdate<IncidentStatus, [Word]>('close');
/** The fold of the evidence closed the incident. */
export const incidentClosed = defineSignal<[Incident]>('incidentClosed');
export const incidentStatus = defineQuery<IncidentStatus>('incidentStatus');
