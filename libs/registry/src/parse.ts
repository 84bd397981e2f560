import { MettleError } from '@mettle/contracts';

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/**
 * The parsed record.
 * @throws MettleError INVALID_INPUT with the path of the first field that is wrong
 */
export function parse<T>(schema: Schema<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  throw new MettleError('INVALID_INPUT', `${what}: ${path ? `${path}: ` : ''}${issue?.message ?? 'invalid'}`, { what, path });
}
