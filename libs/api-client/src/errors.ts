import { TRPCClientError } from '@trpc/client';
import { ERRORS, MettleError, isMettleError, type ErrorCode, type ErrorData } from '@mettle/contracts';

interface Carried {
  readonly mettle?: { readonly code: ErrorCode; readonly data: ErrorData };
}

/** The typed error inside what a call threw; one that never reached the gateway is UNAVAILABLE. */
export function mettleErrorOf(error: unknown): MettleError {
  if (isMettleError(error)) return error;
  if (error instanceof TRPCClientError) {
    const carried = (error.data as Carried | null | undefined)?.mettle;
    if (carried !== undefined && carried.code in ERRORS) return new MettleError(carried.code, error.message, carried.data, { cause: error });
  }
  return unreachable(error) ? new MettleError('UNAVAILABLE', 'the gateway does not answer', { reason: codeOf(error) ?? '' }, { cause: error }) : new MettleError('INTERNAL', error instanceof Error ? error.message : String(error), {}, { cause: error });
}

/**
 * Whether the platform has refused: repeating the same call cannot succeed. A connection that broke, an outage or an
 * error of the server is no refusal.
 * @param code only this refusal
 */
export function isRefusal(error: unknown, code?: ErrorCode): boolean {
  const mettle = mettleErrorOf(error);
  if (code !== undefined) return mettle.code === code;
  return mettle.status < 500 && !ERRORS[mettle.code].retry;
}

const NETWORK: readonly string[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_ABORTED'];

/** The code of a broken connection inside an error, or null. */
function codeOf(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && NETWORK.includes(code)) return code;
  }
  return null;
}
const unreachable = (error: unknown): boolean => codeOf(error) !== null;
