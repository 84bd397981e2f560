import { isMettleError, type ErrorCode } from '@mettle/contracts';

/** The code of the MettleError that a call throws or rejects with; null when it does neither. */
export async function codeOf(call: () => unknown): Promise<ErrorCode | null> {
  try {
    await call();
    return null;
  } catch (error) {
    if (isMettleError(error)) return error.code;
    throw error;
  }
}
