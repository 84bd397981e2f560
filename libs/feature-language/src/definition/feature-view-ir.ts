import { DurationUs, Name } from '@mettle/contracts';
import { z } from 'zod';
import { KeyType, ScalarType } from './scalar.ts';

/** A source's column with the type that the view was written against, so that the view's hash stands alone. */
export const ColumnRef = z.object({ column: Name, type: ScalarType, scale: z.int().min(0).max(12).exactOptional() });
export type ColumnRef = z.infer<typeof ColumnRef>;

/** `latest`: of the visible event with the greatest (eventTime, knownAt, sequence). Others: over (T - window, T]. */
export const AggregateIR = z.discriminatedUnion('op', [
  z.object({ op: z.literal('latest'), input: ColumnRef }),
  z.object({ op: z.literal('count'), window: DurationUs, hop: DurationUs }),
  z.object({ op: z.literal('sum'), input: ColumnRef, window: DurationUs, hop: DurationUs }),
  z.object({ op: z.literal('mean'), input: ColumnRef, window: DurationUs, hop: DurationUs }),
]);
export type AggregateIR = z.infer<typeof AggregateIR>;

/** Aggregates of one source's events per entity. `ttl` bounds the age of `latest`; null: no bound. */
export const FeatureViewIR = z.object({
  v: z.literal(1),
  kind: z.literal('featureView'),
  name: Name,
  owner: z.string(),
  description: z.string(),
  entity: Name,
  keys: z.record(Name, KeyType),
  source: Name,
  ttl: DurationUs.nullable(),
  features: z.array(z.object({ name: Name, aggregate: AggregateIR })).min(1).max(500),
});
export type FeatureViewIR = z.infer<typeof FeatureViewIR>;
