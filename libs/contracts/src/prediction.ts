import { z } from 'zod';
import { hashOf } from './hash.ts';
import { Arm, VersionRef } from './version.ts';
import { FeatureVector } from './vector.ts';
import { Hash, Keys, Name, TimeUs, Value } from './value.ts';

/** hash(endpoint, requestId, row): a client that knows its request id can label a prediction without reading the reply. */
export const predictionIdOf = (endpoint: string, requestId: string, row: number): string => hashOf([endpoint, requestId, row]);

/** What one version answered for one row: the model's named outputs, or an error. */
export const Scored = z.object({
  version: VersionRef,
  arm: Arm,
  /** Index into the row's vectors: those of the `served` line, then those that a `beside` line adds. */
  vector: z.int().min(0),
  /** Per output name, this row's values flattened (e.g. probabilities [p0, p1]); null when it failed. */
  outputs: z.record(z.string(), z.array(z.number())).nullable(),
  error: z.string().nullable(),
  latencyUs: z.int(),
});
export type Scored = z.infer<typeof Scored>;

/** One row of a request: assigned and served arm, the vector(s) used, and what the serving arm answered. */
export const PredictionRow = z.object({
  predictionId: Hash,
  row: z.int().min(0),
  bucket: z.int().min(0).max(9999),
  /** The sticky entity, as text; the unit that sample ratios count. */
  sticky: z.string(),
  assignedArm: Arm,
  servedArm: Arm,
  fallback: z.boolean(),
  keys: Keys,
  request: z.record(z.string(), Value),
  /** T of this row. */
  at: TimeUs,
  vectors: z.array(FeatureVector),
  scores: z.array(Scored),
});
export type PredictionRow = z.infer<typeof PredictionRow>;

/** One line of the prediction log: a request as served (kind `served`), or what the arms beside it answered later (kind `beside`). */
export const PredictionEntry = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(1),
    kind: z.literal('served'),
    requestId: z.string(),
    traceId: z.string().nullable(),
    server: z.string(),
    endpoint: Name,
    epoch: z.int(),
    receivedAt: TimeUs,
    origin: z.enum(['online', 'batch', 'external']),
    rows: z.array(PredictionRow),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('beside'),
    endpoint: Name,
    requestId: z.string(),
    epoch: z.int(),
    rows: z.array(z.object({ row: z.int(), vectors: z.array(FeatureVector), scores: z.array(Scored) })),
  }),
]);
export type PredictionEntry = z.infer<typeof PredictionEntry>;

/** An observation without a prediction of ours: history that a client imports so that it can be joined and trained on. */
export const ObservationInput = z.object({
  requestId: z.string().min(1),
  keys: Keys,
  request: z.record(z.string(), Value),
  at: TimeUs,
});
export type ObservationInput = z.infer<typeof ObservationInput>;
