import { z } from 'zod';
import { Hash, Keys, Name, TimeUs } from './value.ts';

export const LabelTarget = z.union([
  z.object({ predictionId: Hash }),
  z.object({ endpoint: Name, keys: Keys, at: TimeUs }),
]);
export type LabelTarget = z.infer<typeof LabelTarget>;

export const LabelInput = z.object({
  labelId: z.string().min(1).max(256),
  target: LabelTarget,
  value: z.number(),
  /** A higher revision corrects; the same revision with another value is refused. */
  revision: z.int().min(0).default(0),
  /** When the outcome happened. */
  eventTime: TimeUs,
  publishedAt: TimeUs.nullable().default(null),
  source: Name,
});
export type LabelInput = z.infer<typeof LabelInput>;

/** The greatest (knownAt, sequence) not after the watermark counts. */
export const LabelRecord = z.object({
  v: z.literal(1),
  labelId: z.string(),
  target: LabelTarget,
  value: z.number(),
  revision: z.int(),
  eventTime: TimeUs,
  knownAt: TimeUs,
  sequence: z.int(),
  source: Name,
});
export type LabelRecord = z.infer<typeof LabelRecord>;
