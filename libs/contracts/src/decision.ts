import { z } from 'zod';
import { Principal } from './principal.ts';
import { RouteTable } from './route.ts';
import { Hash, Name, Reason, TimeUs, Verdict } from './value.ts';
import { Phase, VersionRef } from './version.ts';

export const DecisionAction = z.enum(['deploy', 'startShadow', 'startChallenge', 'approve', 'promote', 'reject', 'rollBack', 'pause']);
export type DecisionAction = z.infer<typeof DecisionAction>;

/** One link of an endpoint's append-only chain: `hash` covers every other field, `previous` the link before (64 zeros first). */
export const Decision = z.object({
  v: z.literal(1),
  sequence: z.int().min(1),
  previous: Hash,
  hash: Hash,
  endpoint: Name,
  /** The endpoint's watermark. */
  at: TimeUs,
  /** Wall clock. */
  recordedAt: TimeUs,
  action: DecisionAction,
  phase: Phase.nullable(),
  /** Whom the decision is about: for a rollBack the champion that is withdrawn, for a pause the champion. */
  version: VersionRef,
  /** The other champion of the change: the one before a promote, the one that a rollBack returns to; else null. */
  replaced: VersionRef.nullable(),
  epochBefore: z.int(),
  /** null: the route did not change. */
  epochAfter: z.int().nullable(),
  verdict: Verdict.nullable(),
  reasons: z.array(Reason),
  /** Evidence blob. */
  evidence: Hash.nullable(),
  policy: Hash.nullable(),
  by: Principal,
  note: z.string(),
});
export type Decision = z.infer<typeof Decision>;

/** What a caller proposes; the registry adds the chain, the epochs and the wall clock. */
export const DecisionInput = Decision.omit({ v: true, sequence: true, previous: true, hash: true, recordedAt: true, epochBefore: true, epochAfter: true, replaced: true }).extend({
  /** Idempotency: the same key returns the first result. */
  key: z.string().min(1),
  /** Basis points: of traffic for startChallenge (required), of rows for startShadow (null: all); for pause 0 or null stops, 10,000 resumes. */
  share: z.int().min(0).max(10_000).nullable().default(null),
});
export type DecisionInput = z.infer<typeof DecisionInput>;

export const CommitResult = z.object({ decision: Decision, table: RouteTable });
export type CommitResult = z.infer<typeof CommitResult>;
