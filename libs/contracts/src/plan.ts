import { z } from 'zod';
import { Policy } from './policy.ts';
import { Principal } from './principal.ts';
import { Monitor } from './incident.ts';
import { DurationUs, Hash, Name } from './value.ts';
import { TrainerRun } from './model.ts';
import { LabelSpace } from './task.ts';

/** How a registered model is trained. */
export const ModelPlan = z.object({
  v: z.literal(1),
  model: Name,
  ...LabelSpace.shape,
  service: Hash,
  trainer: TrainerRun,
  /** Rows whose T falls within this span before the snapshot's asOf are kept out of training, for the offline gate. */
  holdout: DurationUs,
  /** Prior rows only: how far back training goes; null: all that is known. */
  lookback: DurationUs.nullable().default(null),
  owner: z.string(),
});
export type ModelPlan = z.infer<typeof ModelPlan>;

/** An endpoint as its owner declares it. */
export const EndpointPlan = z.object({
  v: z.literal(1),
  endpoint: Name,
  clock: z.enum(['wall', 'event']),
  /** Step of the watermark. */
  cadence: DurationUs,
  model: ModelPlan,
  policy: Policy,
  policyHash: Hash,
  monitors: z.array(Monitor),
  overrides: z.array(z.object({ header: z.string(), value: z.string(), arm: z.enum(['champion', 'challenger']) })).default([]),
});
export type EndpointPlan = z.infer<typeof EndpointPlan>;

/** One candidate's origin: why it exists and what differs from the endpoint's plan. */
export const CandidateSpec = z.object({
  endpoint: Name,
  /** Names the lifecycle: an incident's id, `age-<date>`, or a person's words. */
  cause: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  kind: z.enum(['refresh', 'change']),
  /** Overrides; null: as the endpoint's plan says. */
  service: Hash.nullable().default(null),
  trainer: TrainerRun.nullable().default(null),
  /** Train on this data version rather than join a new one. */
  snapshot: Hash.nullable().default(null),
  /** Deploy as the first champion when qualified, instead of shadow and challenge. Only where there is no champion. */
  initial: z.boolean().default(false),
  note: z.string().default(''),
  /** Who asked for it (an approval may not be by the author); null: the policy. */
  by: Principal.nullable().default(null),
});
export type CandidateSpec = z.infer<typeof CandidateSpec>;
export type CandidateSpecInput = z.input<typeof CandidateSpec>;

