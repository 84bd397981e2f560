import { z } from 'zod';
import { Hash, Keys, Name, TimeUs, Value } from './value.ts';

/** What a client pushes: the writer adds `knownAt`, partition, sequence, revision and op. */
export const EventInput = z.object({
  eventId: z.string().min(1).max(256),
  keys: Keys,
  values: z.record(z.string(), Value),
  eventTime: TimeUs,
  /** The source's own time of publication. On an event clock it is also the writer's clock. */
  publishedAt: TimeUs.nullable().default(null),
  /** True withdraws the event `eventId`. */
  retract: z.boolean().default(false),
});
export type EventInput = z.infer<typeof EventInput>;

/**
 * A durable event. Total order: (knownAt, eventTime, sequence). Visible at T iff knownAt <= T and eventTime <= T.
 * A correction is two records: a `retract` of the old values, then an `assert` of the new ones, revision + 1.
 */
export const EventRecord = z.object({
  v: z.literal(1),
  eventId: z.string(),
  source: Name,
  schema: Hash,
  keys: Keys,
  values: z.record(z.string(), Value),
  eventTime: TimeUs,
  publishedAt: TimeUs.nullable(),
  knownAt: TimeUs,
  partition: z.int().min(0),
  /** 1, 2, 3, ... within the partition; no gaps. */
  sequence: z.int().min(1),
  revision: z.int().min(0),
  op: z.enum(['assert', 'retract']),
});
export type EventRecord = z.infer<typeof EventRecord>;
