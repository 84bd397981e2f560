import { Name } from '@mettle/contracts';
import { z } from 'zod';
import { ColumnIR, KeyType } from './scalar.ts';

/**
 * A stream of events. On the `event` clock the writer's clock is the events' `publishedAt`; on the `wall` clock it is
 * the machine's.
 */
export const SourceIR = z.object({
  v: z.literal(1),
  kind: z.literal('source'),
  name: Name,
  owner: z.string(),
  description: z.string(),
  clock: z.enum(['event', 'wall']),
  keys: z.record(Name, KeyType),
  columns: z.record(Name, ColumnIR),
});
export type SourceIR = z.infer<typeof SourceIR>;
