import { MettleError } from '@mettle/contracts';
import type { z } from 'zod';

/**
 * The value as the schema gives it.
 * @throws MettleError INVALID_DEFINITION when it does not have the shape
 */
export function checkShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  throw new MettleError('INVALID_DEFINITION', `the definition is malformed at ${path || 'its root'}: ${issue?.message ?? 'unknown'}`, { path });
}
