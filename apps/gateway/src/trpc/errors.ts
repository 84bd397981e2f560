import { TRPCError } from '@trpc/server';
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowFailedError, isGrpcServiceError, QueryRejectedError, QueryNotRegisteredError } from '@temporalio/client';
import { ApplicationFailure, TerminatedFailure, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/common';
import { ERRORS, MettleError, isMettleError, type ErrorCode, type ErrorData } from '@mettle/contracts';

const STATUS_TO_TRPC: Record<number, TRPCError['code']> = {
  400: 'BAD_REQUEST', 401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 404: 'NOT_FOUND', 409: 'CONFLICT', 413: 'PAYLOAD_TOO_LARGE', 500: 'INTERNAL_SERVER_ERROR', 503: 'SERVICE_UNAVAILABLE',
};
const TRPC_TO_CODE: Partial<Record<TRPCError['code'], ErrorCode>> = {
  BAD_REQUEST: 'INVALID_INPUT', PARSE_ERROR: 'INVALID_INPUT', UNPROCESSABLE_CONTENT: 'INVALID_INPUT', UNSUPPORTED_MEDIA_TYPE: 'INVALID_INPUT',
  METHOD_NOT_SUPPORTED: 'INVALID_INPUT', NOT_FOUND: 'NOT_FOUND', UNAUTHORIZED: 'UNAUTHENTICATED', FORBIDDEN: 'FORBIDDEN', PAYLOAD_TOO_LARGE: 'TOO_LARGE',
};
/** UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED and RESOURCE_EXHAUSTED of gRPC: the server is away or sheds load. */
const GRPC_AWAY: readonly number[] = [14, 4, 1, 8];
const GRPC_NOT_FOUND = 5;

/** The one place where whatever was thrown becomes one of the closed table; a defect keeps its cause for the log. */
export function mettleErrorOf(error: unknown): MettleError {
  if (isMettleError(error)) return error;
  if (error instanceof TRPCError) {
    if (error.cause !== undefined && isZodError(error.cause)) return invalidInput(error.cause);
    if (error.cause !== undefined && error.cause.name !== 'UnknownCauseError' && error.code === 'INTERNAL_SERVER_ERROR') return mettleErrorOf(error.cause);
    if (isMettleError(error.cause)) return error.cause;
    const code = TRPC_TO_CODE[error.code];
    return code === undefined ? internal(error) : new MettleError(code, error.message, {}, { cause: error });
  }
  if (isZodError(error)) return invalidInput(error);
  return temporalError(error) ?? fastifyError(error) ?? internal(error);
}

/** The same for tRPC: the typed error travels as the cause. */
export function trpcErrorOf(error: unknown): TRPCError {
  const mettle = mettleErrorOf(error);
  return new TRPCError({ code: STATUS_TO_TRPC[mettle.status] ?? 'INTERNAL_SERVER_ERROR', message: mettle.message, cause: mettle });
}

/** What a client sees of an error; of a defect only that it is one. */
export function publicError(error: MettleError): { code: ErrorCode; message: string; hint: string; data: ErrorData } {
  return error.code === 'INTERNAL' ? { ...error.toJSON(), message: 'an internal error; the log of the gateway has it' } : error.toJSON();
}

function temporalError(error: unknown): MettleError | null {
  if (error instanceof WorkflowNotFoundError) return new MettleError('NOT_FOUND', `no workflow '${error.workflowId}' is running`, { workflow: error.workflowId }, { cause: error });
  if (error instanceof WorkflowExecutionAlreadyStartedError) return new MettleError('ALREADY_EXISTS', `'${error.workflowId}' was started before`, { workflow: error.workflowId }, { cause: error });
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return away(error);
  const failure = applicationFailure(error);
  if (failure !== null) {
    const data = failure.details?.[0];
    return new MettleError(failure.type as ErrorCode, failure.message, typeof data === 'object' && data !== null ? (data as ErrorData) : {}, { cause: error });
  }
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError) {
    if (error.cause instanceof TerminatedFailure) return new MettleError('INVALID_TRANSITION', 'an operator terminated the workflow', {}, { cause: error });
    return null;
  }
  if (error instanceof QueryRejectedError || error instanceof QueryNotRegisteredError) return new MettleError('INVALID_TRANSITION', error.message, {}, { cause: error });
  const grpc = grpcCode(error);
  if (grpc === GRPC_NOT_FOUND) return new MettleError('NOT_FOUND', 'no such workflow', {}, { cause: error as Error });
  return grpc !== null && GRPC_AWAY.includes(grpc) ? away(error) : null;
}

const away = (error: unknown): MettleError => new MettleError('UNAVAILABLE', 'Temporal does not answer', { dependency: 'temporal' }, { cause: error });

/** The gRPC status inside an error of the Temporal client, or null. */
export function grpcCode(error: unknown): number | null {
  for (let at = error; at instanceof Error; at = at.cause) if (isGrpcServiceError(at)) return at.code;
  return null;
}

/** The innermost failure whose `type` is one of our codes. */
function applicationFailure(error: unknown): ApplicationFailure | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApplicationFailure && typeof at.type === 'string' && at.type in ERRORS) return at;
  }
  return null;
}

function fastifyError(error: unknown): MettleError | null {
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  if (typeof statusCode !== 'number' || typeof code !== 'string' || !code.startsWith('FST_')) return null;
  if (statusCode === 413) return new MettleError('TOO_LARGE', 'the body is larger than this route accepts', {}, { cause: error });
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY') return new MettleError('INVALID_INPUT', 'the body is not JSON (NaN and infinities are none: a missing value is null)', { field: 'body' }, { cause: error });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new MettleError('INVALID_INPUT', 'send application/json', { field: 'content-type' }, { cause: error });
  if (statusCode === 404) return new MettleError('NOT_FOUND', (error as Error).message, {}, { cause: error });
  return statusCode < 500 ? new MettleError('INVALID_INPUT', (error as Error).message, {}, { cause: error }) : null;
}

interface ZodLike { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }
const isZodError = (error: unknown): error is Error & ZodLike => error instanceof Error && Array.isArray((error as Partial<ZodLike>).issues);

function invalidInput(error: Error & ZodLike): MettleError {
  const [issue] = error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  return new MettleError('INVALID_INPUT', `${field === '' ? 'input' : field}: ${issue?.message ?? 'is not valid'}`, { field, issues: error.issues.slice(0, 20).map((one) => `${one.path.map(String).join('.')}: ${one.message}`) }, { cause: error });
}

const internal = (error: unknown): MettleError => new MettleError('INTERNAL', error instanceof Error ? error.message : String(error), {}, { cause: error });
