import { z } from 'zod';
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
  renewedAt: TimeUs,
});
export type ServerLease = z.infer<typeof ServerLease>;
