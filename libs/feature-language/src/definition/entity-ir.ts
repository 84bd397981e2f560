import { Name } from '@mettle/contracts';
import { z } from 'zod';
import { KeyType } from './scalar.ts';

/** What features describe, e.g. an airport or a plane, and the keys that name one. */
export const EntityIR = z.object({
  v: z.literal(1),
  kind: z.literal('entity'),
  name: Name,
  owner: z.string(),
  description: z.string(),
  keys: z.record(Name, KeyType),
});
export type EntityIR = z.infer<typeof EntityIR>;
