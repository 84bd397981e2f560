import { z } from 'zod';
import { CommitResult, DecisionInput } from './decision.ts';
import { Evidence, Measured } from './evidence.ts';
import { Incident, MonitorResult } from './incident.ts';
import { LifecycleStatus } from './lifecycle.ts';
import { MetricValue, ModelManifestInput, ParityReport, Recipe, Signature, TrainerRun } from './model.ts';
import { CandidateSpec, EndpointPlan } from './plan.ts';
import { RouteTable } from './route.ts';
import { RawSegment, SegmentRef } from './segment.ts';
import { Snapshot } from './snapshot.ts';
import { LabelSpace } from './task.ts';
import { Hash, Name, Range, TimeUs, Verdict } from './value.ts';
import { Phase, VersionRef } from './version.ts';

/** The champion as monitors and lifecycles need it. */
export const ChampionFacts = z.object({
  version: VersionRef,
  /** The watermark at which it became champion. */
  since: TimeUs,
  referenceProfile: Hash.nullable(),
  /** Its success metric over the offline holdout. */
  referenceLoss: z.number().nullable(),
  /** asOf of its snapshot; null: not trained here. */
  trainedThrough: TimeUs.nullable(),
  /** What a refresh of it repeats; null: a record of before recipes were told. */
  recipe: Recipe.nullable().default(null),
});
export type ChampionFacts = z.infer<typeof ChampionFacts>;

/** A comparison of this endpoint that ended before. */
export const EarlierComparison = z.object({
  /** Blob of its Measured record. */
  state: Hash,
  /** The fresher model stood on the other side than now. */
  reversed: z.boolean(),
});
export type EarlierComparison = z.infer<typeof EarlierComparison>;

// Inputs and outputs of every activity: hashes and ids, never rows. `key` makes each idempotent.

const schema = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });
const key = z.string().min(1);
/** The metric whose row losses are averaged, and the labels that it is of. */
const judging = { space: LabelSpace.default({ task: 'binary' }), metric: z.string().default('log_loss') };

/** Activities on the compute queue: blobs in, blobs out; no database. */
export const computeActivities = {
  /** Raw pieces -> Parquet segments, one per table and name. Rows are deduplicated (a retried request logs once). */
  compact: schema(
    z.object({ key, endpoint: Name, raws: z.array(RawSegment), services: z.record(z.string(), Hash) }),
    z.object({ segments: z.array(SegmentRef) }),
  ),
  /** Point-in-time join of all observations and predictions with T in `range`, labels as known at asOf; those that are none of `space` count as unknown. */
  joinSnapshot: schema(
    z.object({ key, catalogue: Hash, service: Hash, definition: Hash, asOf: TimeUs, range: Range, space: LabelSpace.nullable().default(null) }),
    Snapshot,
  ),
  train: schema(
    z.object({ key, model: Name, ...LabelSpace.shape, trainer: TrainerRun, snapshot: Hash, definition: Hash, holdoutFrom: TimeUs }),
    z.object({
      file: Hash,
      bytes: z.int(),
      opset: z.int(),
      fitted: Hash,
      environment: Hash,
      code: z.string(),
      log: Hash,
      /** What the trainer says of its own model: metric -> value over the training rows and over the holdout. */
      reported: z.object({ training: z.record(z.string(), z.number()), holdout: z.record(z.string(), z.number()) }),
    }),
  ),
  /** Loads the file, checks it against the service and the task, scores the snapshot's rows through the serving runtime, and recomputes the task's metrics and those named (`pinball@0.9`). */
  evaluateOffline: schema(
    z.object({ key, file: Hash, fitted: Hash, definition: Hash, ...LabelSpace.shape, metrics: z.array(z.string()).default([]), snapshot: Hash, holdoutFrom: TimeUs }),
    z.object({
      signature: Signature,
      training: z.record(z.string(), MetricValue),
      holdout: z.record(z.string(), MetricValue),
      smoke: z.object({ rows: z.int(), finite: z.boolean(), p50Us: z.number() }),
    }),
  ),
  /** `snapshot`: recompute a training set through the serving path; `log`: recompute logged vectors in batch, as known at their T. */
  auditParity: schema(
    z.object({
      key,
      catalogue: Hash,
      subject: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('snapshot'), snapshot: Hash, service: Hash, definition: Hash }),
        z.object({ kind: z.literal('log'), range: Range }),
      ]),
    }),
    ParityReport,
  ),
  /** Scores the logged vectors in range with a version, or a schedule of versions by time; writes Parquet (prediction_id, at, p, label), and `probabilities` for three or more classes. `mean`: the metric over labelled rows. */
  score: schema(
    z.object({
      key,
      catalogue: Hash,
      range: Range,
      schedule: z.array(z.object({ from: TimeUs, file: Hash, fitted: Hash, service: Hash, definition: Hash })).min(1),
      ...judging,
    }),
    z.object({
      scores: Hash,
      metric: z.string(),
      rows: z.int(),
      labelled: z.int(),
      mean: z.number().nullable(),
      byMonth: z.array(z.object({ month: z.string(), rows: z.int(), mean: z.number().nullable() })),
      byWeek: z.array(z.object({ week: z.string(), rows: z.int(), mean: z.number().nullable() })),
    }),
  ),
  /**
   * Scores a spine, joined as known at each T, or the rows of a data version; writes Parquet (prediction_id, at, k_<key>...,
   * p, error, version; for three or more classes also class and probabilities) and the segments that log it. The same rows and version give the same segments whatever the catalogue.
   */
  scoreRows: schema(
    z.object({
      key,
      catalogue: Hash,
      source: z.discriminatedUnion('kind', [z.object({ kind: z.literal('spine'), spine: Hash }), z.object({ kind: z.literal('snapshot'), snapshot: Hash })]),
      version: VersionRef,
      file: Hash,
      fitted: Hash,
      service: Hash,
      definition: Hash,
    }),
    z.object({
      endpoint: Name,
      version: VersionRef,
      scores: Hash,
      rows: z.int(),
      /** Rows with an error instead of a score. */
      failed: z.int(),
      /** Rows whose vector is logged: those of a data version that the endpoint does not know have none. */
      vectors: z.int(),
      range: Range,
      segments: z.array(SegmentRef),
    }),
  ),
  /** The same figures from what was served, by the arm that served it. */
  servedLoss: schema(
    z.object({ key, catalogue: Hash, range: Range, ...judging }),
    z.object({
      metric: z.string(), served: z.int(), labelled: z.int(), duplicated: z.int(), mean: z.number().nullable(),
      byMonth: z.array(z.object({ month: z.string(), rows: z.int(), mean: z.number().nullable() })),
      byWeek: z.array(z.object({ week: z.string(), rows: z.int(), mean: z.number().nullable() })),
    }),
  ),
  /** Paired losses on the same rows: what `decide` needs. */
  measure: schema(
    z.object({ key, catalogue: Hash, plan: Hash, phase: Phase, champion: VersionRef, candidate: VersionRef, cohort: Range, watermark: TimeUs, challengeFrom: TimeUs.nullable(), earlier: z.array(EarlierComparison).default([]) }),
    z.object({ measured: Measured, state: Hash }),
  ),
  /** Runs the monitors that are due at the watermark; stores the day's profile. */
  monitor: schema(
    z.object({ key, catalogue: Hash, plan: Hash, watermark: TimeUs, /** The watermark before; null: one cadence earlier. */ before: TimeUs.nullable().default(null), champion: VersionRef, referenceProfile: Hash.nullable(), referenceLoss: z.number().nullable(), championSince: TimeUs }),
    z.object({ results: z.array(MonitorResult), profiles: z.array(Hash) }),
  ),
} as const;

/** Activities on the control queue: the database, the logs of this process, the routes, other workflows. */
export const controlActivities = {
  loadPlan: schema(z.object({ endpoint: Name }), z.object({ plan: EndpointPlan, hash: Hash })),
  /** Seals the event and label logs and every live server's prediction log through the watermark; a dead server's log is adopted. */
  sealLogs: schema(
    z.object({ key, endpoint: Name, watermark: TimeUs }),
    z.object({ raws: z.array(RawSegment), services: z.record(z.string(), Hash) }),
  ),
  /** Records segments once and returns the catalogue blob at the watermark. */
  registerSegments: schema(z.object({ key, endpoint: Name, watermark: TimeUs, raws: z.array(RawSegment), segments: z.array(SegmentRef) }), z.object({ catalogue: Hash })),
  /** Records what was scored in batch for the next step of the clock: a watermark that was decided on never knows more. */
  registerBatch: schema(z.object({ key, endpoint: Name, segments: z.array(SegmentRef) }), z.object({})),
  catalogue: schema(z.object({ endpoint: Name, watermark: TimeUs }), z.object({ catalogue: Hash })),
  /** Folds monitor results into incidents; pure in (history, results). */
  foldIncidents: schema(
    z.object({ key, endpoint: Name, watermark: TimeUs, results: z.array(MonitorResult), suspects: z.array(z.string()).default([]) }),
    z.object({ opened: z.array(Incident), closed: z.array(Incident), open: z.array(Incident) }),
  ),
  /** Definition blob of a feature service and its serving state. */
  loadService: schema(z.object({ service: Hash }), z.object({ definition: Hash })),
  register: schema(z.object({ key, manifest: ModelManifestInput }), VersionRef),
  /** Records the outcome of qualification; `pass` moves development -> staging. */
  qualify: schema(z.object({ key, version: VersionRef, verdict: Verdict, parity: ParityReport, holdout: z.record(z.string(), MetricValue), note: z.string() }), z.object({ stage: z.string() })),
  /** Shadows of the half year before that did not fail, newest first, under policies with the same success metric and slots. */
  earlierComparisons: schema(z.object({ endpoint: Name, champion: VersionRef, candidate: VersionRef, policy: Hash, watermark: TimeUs }), z.object({ earlier: z.array(EarlierComparison) })),
  putEvidence: schema(z.object({ evidence: Evidence }), z.object({ hash: Hash })),
  /** endpoint workflow only. */
  commitDecision: schema(z.object({ endpoint: Name, expectedEpoch: z.int(), decision: DecisionInput }), CommitResult),
  routeHead: schema(z.object({ endpoint: Name }), z.object({ table: RouteTable.nullable() })),
  /** Waits until every live server serves `epoch`. */
  awaitServers: schema(z.object({ endpoint: Name, epoch: z.int(), sealedThrough: TimeUs.nullable() }), z.object({ servers: z.int() })),
  /** Sends update `tick(watermark)` to each open lifecycle and awaits them all. */
  tickLifecycles: schema(z.object({ endpoint: Name, watermark: TimeUs, ids: z.array(z.string()) }), z.object({ lifecycles: z.array(LifecycleStatus) })),
  /** Moves the clock of an endpoint on the wall clock; `moved` is false when it is there already. */
  advanceClock: schema(z.object({ endpoint: Name, watermark: TimeUs }), z.object({ moved: z.boolean() })),
  /** Sends an update to the endpoint's workflow and awaits the commit. */
  updateEndpoint: schema(z.object({ endpoint: Name, decision: DecisionInput }), CommitResult),
  /** Delivers an incident's news to every channel; durable by workflow `incident`. */
  notify: schema(z.object({ key, incident: Incident, channel: Name, news: z.enum(['opened', 'reminded', 'closed']) }), z.object({ delivered: z.boolean() })),
  channels: schema(z.object({}), z.object({ channels: z.array(Name) })),
  saveLifecycle: schema(z.object({ status: LifecycleStatus, spec: CandidateSpec }), z.object({})),
  /** What the next step of a clock or lifecycle decides on: the plan's hash, the route, and what is known of its champion. */
  endpointHead: schema(z.object({ endpoint: Name }), z.object({ plan: Hash, table: RouteTable.nullable(), champion: ChampionFacts.nullable() })),
  /** The record of a data version that a person imported or an earlier lifecycle joined. */
  loadSnapshot: schema(z.object({ snapshot: Hash }), Snapshot),
  saveSnapshot: schema(z.object({ endpoint: Name, snapshot: Snapshot }), z.object({})),
  /** A person has seen an incident. */
  acknowledgeIncident: schema(z.object({ incidentId: z.string(), by: z.string() }), Incident),
} as const;

type Interface<T extends Record<string, { input: z.ZodType; output: z.ZodType }>> = {
  [K in keyof T]: (input: z.input<T[K]['input']>) => Promise<z.output<T[K]['output']>>;
};
/** What a compute worker provides; `lifecycle` proxies it, `lifecycle-activities` satisfies it. */
export type ComputeActivities = Interface<typeof computeActivities>;
/** What the control process provides. */
export type ControlActivities = Interface<typeof controlActivities>;
export type ActivityInput<T extends keyof typeof computeActivities | keyof typeof controlActivities> = T extends keyof typeof computeActivities
  ? z.output<(typeof computeActivities)[T]['input']>
  : T extends keyof typeof controlActivities ? z.output<(typeof controlActivities)[T]['input']> : never;

