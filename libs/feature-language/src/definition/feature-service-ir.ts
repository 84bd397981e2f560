import { Hash, Name } from '@mettle/contracts';
import { z } from 'zod';
import { ExpressionIR } from './expression-ir.ts';
import { ScalarType } from './scalar.ts';

/** The ordered features of a model, from the request and from views by their entity's keys. */
export const FeatureServiceIR = z.object({
  v: z.literal(1),
  kind: z.literal('featureService'),
  name: Name,
  owner: z.string(),
  description: z.string(),
  request: z.array(z.object({ name: Name, type: ScalarType, scale: z.int().min(0).max(12).exactOptional() })).max(1000),
  /** `hash` pins the view: two views of one name are two views. */
  views: z.array(z.object({ alias: Name, view: Name, hash: Hash })).max(100),
  features: z.array(z.object({ name: Name, expression: ExpressionIR, category: z.boolean() })).min(1).max(1000),
});
export type FeatureServiceIR = z.infer<typeof FeatureServiceIR>;
