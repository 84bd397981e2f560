import { MettleError, type ActivityInput, type ComputeActivities, type ControlActivities } from '@mettle/contracts';

/** Activities as they are written here: their input has been parsed, so defaults are filled in. */
export type ComputeHandlers = { [K in keyof ComputeActivities]: (input: ActivityInput<K>) => ReturnType<ComputeActivities[K]> };
export type ControlHandlers = { [K in keyof ControlActivities]: (input: ActivityInput<K>) => ReturnType<ControlActivities[K]> };

interface Parser {
  safeParse(value: unknown): { success: true; data: unknown } | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}
type Schemas = Readonly<Record<string, { readonly input: Parser }>>;
type Handler = (input: never) => Promise<unknown>;

/** Parses every input at the door. @throws MettleError INVALID_INPUT naming the field */
export function guarded<H extends Readonly<Record<string, Handler>>>(schemas: Schemas, handlers: H) {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [name, async (input: unknown) => {
      const parsed = schemas[name]?.input.safeParse(input);
      if (parsed?.success !== true) {
        const issue = parsed?.error.issues[0];
        throw new MettleError('INVALID_INPUT', `${name}: ${issue?.message ?? 'no such activity'}`, { activity: name, field: issue?.path.map(String).join('.') ?? '' });
      }
      return (handler as (input: unknown) => Promise<unknown>)(parsed.data);
    }]),
  );
}
