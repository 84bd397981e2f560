import { z } from 'zod';

/** Types of columns and expressions. A timestamp is integer µs since 1970 UTC. */
export const ScalarType = z.enum(['float64', 'int64', 'bool', 'string', 'timestamp']);
export type ScalarType = z.infer<typeof ScalarType>;

/** Types of features: a timestamp leaves as int64. */
export type FeatureType = Exclude<ScalarType, 'timestamp'>;

/** Types of entity keys. */
export const KeyType = z.enum(['string', 'int64']);
export type KeyType = z.infer<typeof KeyType>;

/** `scale` (float64 only): values are held as integers of 10^-scale. A float64 without one cannot be summed. */
export const ColumnIR = z.object({ type: ScalarType, scale: z.int().min(0).max(12).exactOptional() });
export type ColumnIR = z.infer<typeof ColumnIR>;

/** How a type is called where it leaves as a feature. */
export const featureTypeOf = (type: ScalarType): FeatureType => (type === 'timestamp' ? 'int64' : type);
