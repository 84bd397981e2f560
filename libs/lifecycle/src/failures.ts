import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { ERRORS, MettleError, isMettleError, type ErrorCode, type ErrorData } from '@mettle/contracts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** Codes after which the same call cannot succeed: what activities do not retry. */
export const FINAL_CODES: readonly ErrorCode[] = CODES.filter((code) => !ERRORS[code].retry);

/** A typed error in the form that crosses Temporal: `type` is the code, the first detail its data. */
export function failureOf(error: MettleError): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: !ERRORS[error.code].retry,
    details: [error.data],
  });
}

/** A refusal, ready to throw in a workflow. */
export const refusal = (code: ErrorCode, message: string, data: ErrorData = {}): ApplicationFailure => failureOf(new MettleError(code, message, data));

/** The innermost typed failure of what an activity, child or update threw, or null. */
export function typedFailure(error: unknown): ApplicationFailure | null {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && typeof cause.type === 'string' && cause.type in ERRORS) return cause;
  }
  return null;
}

/** The code of a failure; INTERNAL when it carries none. */
export const codeOf = (error: unknown): ErrorCode => (typedFailure(error)?.type as ErrorCode | undefined) ?? (isMettleError(error) ? error.code : 'INTERNAL');

/** The typed error inside what a client or activity caught; anything else becomes INTERNAL with its message. */
export function mettleErrorOf(error: unknown): MettleError {
  if (isMettleError(error)) return error;
  const failure = typedFailure(error);
  if (failure !== null) {
    return new MettleError(failure.type as ErrorCode, failure.message, (failure.details?.[0] as ErrorData | undefined) ?? {}, { cause: error });
  }
  return new MettleError('INTERNAL', messageOf(error), {}, { cause: error });
}

/** The innermost message. */
export function messageOf(error: unknown): string {
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) return error.cause === undefined ? error.message : messageOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}

/** Runs a pure step; its typed error leaves as a failure that Temporal understands. */
export function typed<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (isMettleError(error)) throw failureOf(error);
    throw error;
  }
}

/** Parses what came in. @throws ApplicationFailure INVALID_INPUT naming the first wrong field */
export function parsed<T>(schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } } }, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  throw refusal('INVALID_INPUT', `${field === '' ? 'input' : field}: ${issue?.message ?? 'is not valid'}`, { field });
}
