import { z } from 'zod';
import { Bp, DurationUs, Name } from './value.ts';


/** Pre-registered rules of promotion; content-addressed by the hash of this record. */
export const Policy = z.object({
  v: z.literal(1),
  name: Name,
  success: z.object({ metric: z.string(), direction: z.enum(['lower', 'higher']) }),
  refresh: z.object({ rule: z.literal('nonInferior'), margin: z.number().positive() }),
  change: z.object({ rule: z.literal('superior') }),
  guardrails: z.array(z.object({ metric: z.string(), margin: z.number().positive() })).default([]),
  /** Columns (keys, request columns or features) in each of whose values the candidate must be non-inferior. */
  segments: z.array(z.object({ column: z.string(), margin: z.number().positive() })).default([]),
  slot: z.object({
    width: DurationUs,
    /** true: one slot over all entities; a list: slots per value of these keys. */
    pooled: z.union([z.literal(true), z.array(z.string())]),
    /** Bartlett lag in slots; at least one day. */
    lag: z.int().min(1),
  }),
  minSlots: z.int().min(2),
  alpha: z.number().gt(0).lt(1),
  mismatchAlpha: z.number().gt(0).lt(1).default(0.001),
  /** N*: the number of slots at which the sequence is tightest. */
  tunedFor: z.int().min(1),
  stickyKeys: z.array(z.string()).min(1),
  maturation: DurationUs,
  minCoverage: z.number().min(0).max(1),
  maxCoverageGap: z.number().min(0).max(1),
  shadow: z.object({ min: DurationUs, max: DurationUs, lookEvery: DurationUs, concurrent: z.int().min(1) }),
  challenge: z.object({ share: Bp, min: DurationUs, max: DurationUs }),
  bake: DurationUs,
  /**
   * A served row that took longer was slow: a guardrail on latency's tail, against the champion's. null: not judged, so
   * that decisions depend on the data alone and repeat on every machine.
   */
  slowAfter: DurationUs.nullable().default(null),
  approval: z.object({ by: z.enum(['policy', 'person']), notTheAuthor: z.boolean() }),
  retrain: z.object({
    onIncident: z.boolean(),
    onConfirmedDrift: z.boolean(),
    maxAge: DurationUs.nullable(),
    cooldown: DurationUs,
  }),
  /** The offline gate: bounds on metrics recomputed from the ONNX file over the holdout. */
  offline: z.object({
    bounds: z.array(z.object({ metric: z.string(), atMost: z.number().nullable().default(null), atLeast: z.number().nullable().default(null) })).default([]),
    /** Largest accepted difference between what the trainer reported and what the file gives on the same rows. */
    reportedTolerance: z.number().positive().default(1e-4),
  }).default({ bounds: [], reportedTolerance: 1e-4 }),
});
export type Policy = z.infer<typeof Policy>;
export type PolicyInput = z.input<typeof Policy>;

