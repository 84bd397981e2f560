import { z } from 'zod';
import { Incident, MonitorResult } from './incident.ts';
import { CandidateSpec } from './plan.ts';
import { Effect } from './evidence.ts';
import { Hash, Name, Reason, TimeUs, Verdict } from './value.ts';
import { Phase, VersionRef } from './version.ts';

export const PROJECT = 'default';
export const CONTROL_QUEUE = 'mettle-control';
export const COMPUTE_QUEUE = 'mettle-compute';

/** Workflow ids: `<kind>:<project>/<name>`. */
export const workflowIds = {
  clock: (endpoint: string) => `clock:${PROJECT}/${endpoint}`,
  endpoint: (endpoint: string) => `endpoint:${PROJECT}/${endpoint}`,
  modelLifecycle: (endpoint: string, cause: string) => `modelLifecycle:${PROJECT}/${endpoint}/${cause}`,
  incident: (incidentId: string) => `incident:${PROJECT}/${incidentId}`,
} as const;

/** Search attributes, all Keyword. */
export const SEARCH_ATTRIBUTES = ['MettleModel', 'MettleEndpoint', 'MettleVersion', 'MettlePhase', 'MettleVerdict'] as const;

export const LifecycleState = z.enum(['running', 'waiting', 'approval', 'done', 'rejected', 'rolledBack', 'undetermined', 'failed']);
export type LifecycleState = z.infer<typeof LifecycleState>;

/** What a lifecycle says of itself; also its query result and the gateway's progress event. */
export const LifecycleStatus = z.object({
  id: z.string(),
  endpoint: Name,
  cause: z.string(),
  kind: z.enum(['refresh', 'change']),
  version: VersionRef.nullable(),
  phase: Phase,
  state: LifecycleState,
  /** What it waits for and why, or why it ended: one plain sentence. */
  waitsFor: z.string(),
  watermark: TimeUs.nullable(),
  /** The earliest watermark at which it acts by itself; null: it has ended. */
  waitsUntil: TimeUs.nullable().default(null),
  startedAt: TimeUs,
  endedAt: TimeUs.nullable(),
  verdict: Verdict.nullable(),
  reasons: z.array(Reason),
  effects: z.array(Effect),
  snapshot: Hash.nullable(),
});
export type LifecycleStatus = z.infer<typeof LifecycleStatus>;

export const ENDED_STATES: readonly LifecycleState[] = ['done', 'rejected', 'rolledBack', 'undetermined', 'failed'];

/** What a step of the clock did; a repeated T returns it again. */
export const WatermarkResult = z.object({
  endpoint: Name,
  watermark: TimeUs,
  epoch: z.int(),
  sealed: z.object({ events: z.int(), labels: z.int(), predictions: z.int() }),
  monitors: z.array(MonitorResult),
  opened: z.array(z.string()),
  closed: z.array(z.string()),
  launched: z.array(z.string()),
  lifecycles: z.array(LifecycleStatus),
});
export type WatermarkResult = z.infer<typeof WatermarkResult>;

export const LifecycleStart = z.object({ spec: CandidateSpec, startedAt: TimeUs });
export type LifecycleStart = z.infer<typeof LifecycleStart>;

/** The verdict of `decide`. `missing` says what an undetermined verdict waits for. */
export const Outcome = z.object({
  verdict: Verdict,
  reasons: z.array(Reason),
  effects: z.array(Effect),
  numbers: z.record(z.string(), z.number().nullable()),
});
export type Outcome = z.infer<typeof Outcome>;

/** What the workflow `endpoint` starts and continues with. */
export const EndpointStart = z.object({
  endpoint: Name,
  /** The route that the previous run ended with; null: none, or a first run. */
  head: z.object({ epoch: z.int(), hash: Hash }).nullable().default(null),
});
export type EndpointStart = z.input<typeof EndpointStart>;

/** What the workflow `clock` starts with, and all it carries from one run to the next. */
export const ClockStart = z.object({
  endpoint: Name,
  watermark: TimeUs.nullable().default(null),
  /** The result of the last step: what a repeated T returns. */
  result: WatermarkResult.nullable().default(null),
  /** Watermark of the policy's last candidate, or of the first deploy. */
  lastLaunch: TimeUs.nullable().default(null),
  /** Lifecycles that have not ended, oldest first: the order in which they are ticked. */
  open: z.array(LifecycleStatus.pick({ id: true, phase: true, state: true, waitsUntil: true })).default([]),
  /** Open incidents. */
  incidents: z.array(Incident).default([]),
  /** The last performance results held a breach. */
  performanceBreached: z.boolean().default(false),
  /** The champion at the last tick: another one wakes every lifecycle. */
  champion: z.string().nullable().default(null),
});
export type ClockStart = z.input<typeof ClockStart>;

const HOUR_MS = 3_600_000;
/** What the workflow `incident` starts with. */
export const IncidentStart = z.object({
  incident: Incident,
  /** Wall milliseconds without an acknowledgement before the first reminder, then between reminders. */
  remindAfter: z.int().positive().default(4 * HOUR_MS),
  remindEvery: z.int().positive().default(24 * HOUR_MS),
  /** Reminders at most; after them it only waits. */
  reminders: z.int().min(0).default(30),
});
export type IncidentStart = z.input<typeof IncidentStart>;
