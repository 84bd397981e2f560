import { z } from 'zod';
import { Hash, Name, Numbers, TimeUs } from './value.ts';
import { VersionRef } from './version.ts';

export const MonitorKind = z.enum(['inputDrift', 'outputDrift', 'performance', 'coverage', 'freshness', 'parity']);
export type MonitorKind = z.infer<typeof MonitorKind>;

/** Distances between a reference and a current distribution over the reference's bins. */
export const DRIFT_METRICS = ['psi', 'ks', 'jensen-shannon', 'kullback-leibler', 'hellinger', 'cramers-v', 'total-variation', 'l-infinity'] as const;
export type DriftMetric = (typeof DRIFT_METRICS)[number];

/** What a monitor of each kind may measure; a performance monitor measures what its endpoint's policy decides by. */
export const MONITOR_METRICS: Readonly<Record<Exclude<MonitorKind, 'performance'>, readonly string[]>> = {
  inputDrift: DRIFT_METRICS, outputDrift: DRIFT_METRICS, coverage: ['share'], freshness: ['hours'], parity: ['mismatches'],
};

export const Monitor = z.object({
  v: z.literal(1),
  name: Name,
  endpoint: Name,
  kind: MonitorKind,
  /** See {@link MONITOR_METRICS}. */
  metric: z.string(),
  /** Features (freshness: sources); empty: all. */
  columns: z.array(z.string()).default([]),
  /** Length of the current window, in µs of the watermark. */
  window: z.int().positive(),
  /** Runs when the watermark passes a multiple of it. */
  every: z.int().positive(),
  alpha: z.number().gt(0).lt(1).default(0.001),
  /** Smallest effect worth an alarm (PSI, D, loss; coverage: the least share; freshness: the longest silence in hours). */
  floor: z.number().min(0),
  /** Opens when `k` of the last `n` results breach; closes when the last `n` are below `closeBelow` x the threshold. */
  hysteresis: z.object({ k: z.int().min(1), n: z.int().min(1), closeBelow: z.number().gt(0).max(1) }).default({ k: 2, n: 3, closeBelow: 0.8 }),
});
export type Monitor = z.infer<typeof Monitor>;
export type MonitorInput = z.input<typeof Monitor>;

/** One measurement of one monitor at a watermark; `undetermined` when there was nothing to judge. */
export const MonitorResult = z.object({
  v: z.literal(1),
  monitor: Name,
  kind: MonitorKind,
  endpoint: Name,
  version: VersionRef,
  metric: z.string(),
  /** Feature, for freshness the source; null for the kinds that have none. */
  column: z.string().nullable(),
  segment: z.string().nullable(),
  at: TimeUs,
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  pValue: z.number().nullable(),
  rows: z.object({ reference: z.int(), current: z.int() }),
  state: z.enum(['ok', 'breach', 'undetermined']),
  reason: z.string().nullable(),
});
export type MonitorResult = z.infer<typeof MonitorResult>;

export const Suspect = z.object({
  kind: z.enum(['source', 'feature', 'definition', 'version', 'segment']),
  name: z.string(),
  since: TimeUs,
  /** Share of the suspicion, 0..1. */
  share: z.number(),
  owner: z.string(),
});
export type Suspect = z.infer<typeof Suspect>;

export const Incident = z.object({
  v: z.literal(1),
  incidentId: z.string(),
  endpoint: Name,
  version: VersionRef,
  monitor: Name,
  kind: MonitorKind,
  metric: z.string(),
  segment: z.string().nullable(),
  state: z.enum(['open', 'acknowledged', 'closed']),
  openedAt: TimeUs,
  closedAt: TimeUs.nullable(),
  numbers: Numbers,
  /** Blob of the MonitorResults that opened it. */
  evidence: Hash,
  acknowledgedBy: z.string().nullable(),
  suspects: z.array(Suspect),
});
export type Incident = z.infer<typeof Incident>;

export const AlertChannel = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('webhook'), name: Name, url: z.url(), secret: z.string().min(16) }),
  z.object({ kind: z.literal('slack'), name: Name, url: z.url() }),
  z.object({ kind: z.literal('smtp'), name: Name, host: z.string(), port: z.int(), from: z.string(), to: z.array(z.string()).min(1), secure: z.boolean().default(false) }),
]);
export type AlertChannel = z.infer<typeof AlertChannel>;
