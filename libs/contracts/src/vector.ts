import { z } from 'zod';
import { Hash, TimeUs, Value } from './value.ts';

export const FEATURE_STATUSES = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE', 'DEFAULTED'] as const;
export const FeatureStatus = z.enum(FEATURE_STATUSES);
export type FeatureStatus = z.infer<typeof FeatureStatus>;

/** One digit per status: how a vectors table holds them. */
const DIGIT = Object.fromEntries(FEATURE_STATUSES.map((status, index) => [status, String(index)])) as Record<FeatureStatus, string>;
export const statusDigits = (statuses: readonly FeatureStatus[]): string => statuses.map((status) => DIGIT[status]).join('');

/** The store position that a read saw: the audit replays the log to it. */
export const ReadPosition = z.object({ view: Hash, partition: z.int(), position: z.int(), generation: z.int() });
export type ReadPosition = z.infer<typeof ReadPosition>;

/** The values of a feature service at T, in the service's order. Categories are strings here: vocabularies belong to a model. */
export const FeatureVector = z.object({
  service: Hash,
  at: TimeUs,
  values: z.array(Value),
  statuses: z.array(FeatureStatus),
  read: z.array(ReadPosition),
});
export type FeatureVector = z.infer<typeof FeatureVector>;
