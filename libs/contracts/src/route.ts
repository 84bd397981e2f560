import { z } from 'zod';
import { Principal } from './principal.ts';
import { RawSegment } from './segment.ts';
import { Arm, VersionRef } from './version.ts';
import { Bp, Hash, Name, TimeUs } from './value.ts';

/** What an endpoint serves at an epoch. `hash` covers all but `sealThrough` and itself. */
export const RouteTable = z.object({
  v: z.literal(1),
  endpoint: Name,
  epoch: z.int().min(0),
  hash: Hash,
  effectiveFrom: TimeUs,
  clock: z.enum(['wall', 'event']),
  /** Servers seal their log through this T and confirm it in their lease. */
  sealThrough: TimeUs.nullable(),
  salt: z.string(),
  stickyKeys: z.array(z.string()),
  paused: z.boolean(),
  champion: VersionRef.nullable(),
  /** The previous champion, loaded and scored beside, ready for a rollback. */
  warm: z.array(VersionRef),
  challengers: z.array(z.object({ version: VersionRef, share: Bp })),
  shadows: z.array(z.object({ version: VersionRef, sample: Bp })),
  overrides: z.array(z.object({ header: z.string(), value: z.string(), arm: Arm })),
  /** By versionKey: what a server needs to load each version. */
  files: z.record(
    z.string(),
    z.object({ file: Hash, fitted: Hash.nullable(), service: Hash.nullable(), /** Blob of the service's definition. */ definition: Hash.nullable().default(null), manifest: Hash }),
  ),
});
export type RouteTable = z.infer<typeof RouteTable>;

/** A server's confirmation: it serves `epoch` and has sealed its log through `sealedThrough`. */
export const ServerLease = z.object({
  v: z.literal(1),
  server: z.string(),
  endpoint: Name,
  epoch: z.int(),
  sealedThrough: TimeUs.nullable(),
  /** Raw pieces sealed since the last confirmation that the control plane acknowledged. */
  sealed: z.array(RawSegment),
  /** Predictions that it has acknowledged and not sealed yet; null: not told. */
  unsealed: z.int().min(0).nullable().default(null),
  /** It has sealed its whole log and goes: nothing of it is waited for until it comes again. */
  departed: z.boolean().default(false),
  renewedAt: TimeUs,
});
export type ServerLease = z.infer<typeof ServerLease>;

/** A server whose log holds a seal back. */
export const HeldSeal = z.object({
  endpoint: Name,
  server: z.string(),
  sealThrough: TimeUs,
  /** Wall ms since it was last heard; of one that this gateway never heard, since it began to listen. */
  silentMs: z.int(),
  /** Predictions that it had acknowledged and not sealed when it was last heard: at least so many; null: nobody knows. */
  unsealed: z.int().nullable(),
});
export type HeldSeal = z.infer<typeof HeldSeal>;

/** An operator's word that a server's unsealed log will not come back. */
export const LostLog = z.object({
  endpoint: Name,
  server: z.string(),
  /** Wall time. */
  declaredAt: TimeUs,
  watermark: TimeUs.nullable(),
  /** At least so many acknowledged predictions; null: nobody knows. */
  unsealed: z.int().nullable(),
  by: Principal,
  note: z.string(),
  /** When the server came back after all, with its log; its predictions count from the step after. */
  returnedAt: TimeUs.nullable(),
});
export type LostLog = z.infer<typeof LostLog>;
