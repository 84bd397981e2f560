import { z } from 'zod';
import { Principal } from './principal.ts';
import { Task } from './task.ts';
import { Hash, Name, TimeUs, Value, Verdict } from './value.ts';
import { Stage, VersionRef } from './version.ts';

export const Datatype = z.enum(['BOOL', 'INT32', 'INT64', 'FP32', 'FP64', 'BYTES']);
export type Datatype = z.infer<typeof Datatype>;

export const Signature = z.object({
  /** One entry per feature in the service's order; packed into the ONNX input in this order. */
  inputs: z.array(z.object({ name: z.string(), datatype: Datatype, shape: z.array(z.int()), missing: z.enum(['nan', 'refuse']) })),
  outputs: z.array(z.object({ name: z.string(), datatype: Datatype, shape: z.array(z.int()) })),
});
export type Signature = z.infer<typeof Signature>;

/** Fitted parameters that belong to a model: vocabularies by feature name. An unseen category is encoded as missing. */
export const Fitted = z.object({ v: z.literal(1), vocabularies: z.record(z.string(), z.array(z.string())) });
export type Fitted = z.infer<typeof Fitted>;

export const MetricValue = z.object({ value: z.number(), standardError: z.number().nullable(), rows: z.int() });
export type MetricValue = z.infer<typeof MetricValue>;

export const ParityReport = z.object({ verdict: Verdict, rows: z.int(), mismatches: z.int(), report: Hash });
export type ParityReport = z.infer<typeof ParityReport>;

export const TrainerRun = z.object({ name: Name, parameters: z.record(z.string(), Value), seed: z.int() });
export type TrainerRun = z.infer<typeof TrainerRun>;

export const ModelManifest = z.object({
  v: z.literal(1),
  ...VersionRef.shape,
  /** Blob of the ONNX bytes. */
  file: Hash,
  bytes: z.int(),
  opset: z.int(),
  task: Task,
  signature: Signature,
  origin: z.enum(['trained', 'imported']),
  featureService: Hash.nullable(),
  /** SnapshotManifest blob. */
  snapshot: Hash.nullable(),
  /** Blob of Fitted. */
  fitted: Hash.nullable(),
  /** Hash of the environment's lock file. */
  environment: Hash.nullable(),
  /** Code revision (git commit or hash of the trainer's source). */
  code: z.string().nullable(),
  trainer: TrainerRun.nullable(),
  /** Profile blob. */
  referenceProfile: Hash.nullable(),
  parent: VersionRef.nullable(),
  offline: z.record(z.string(), MetricValue),
  parity: ParityReport.nullable(),
  attested: z.object({ by: Principal, note: z.string(), fields: z.array(z.string()) }).nullable(),
  createdAt: TimeUs,
  by: Principal,
});
export type ModelManifest = z.infer<typeof ModelManifest>;

/** How a version was made, its data aside: what a refresh repeats. */
export const Recipe = ModelManifest.pick({ task: true, featureService: true, trainer: true, code: true });
export type Recipe = z.infer<typeof Recipe>;

/** The manifest before the registry numbers it. */
export const ModelManifestInput = ModelManifest.omit({ version: true });
export type ModelManifestInput = z.infer<typeof ModelManifestInput>;

/** A version as the registry shows it: the immutable manifest, what was found out later, and the projected stage and aliases. */
export const ModelVersionView = z.object({
  manifest: ModelManifest,
  stage: Stage,
  aliases: z.array(z.string()),
  qualified: Verdict.nullable(),
  lineage: z.object({ complete: z.boolean(), missing: z.array(z.string()) }),
});
export type ModelVersionView = z.infer<typeof ModelVersionView>;
