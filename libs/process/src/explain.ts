import { isMettleError, type MettleError } from '@mettle/contracts';

/** The innermost message: what wraps an error often says only that something failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

/** The table speaks to who sent a request; here somebody set a variable. */
function hintOf({ code, data: { setting }, hint }: MettleError): string {
  if (typeof setting !== 'string' || code === 'PORT_IN_USE') return hint;
  return code === 'UNAVAILABLE' ? `start what does not answer, or correct ${setting}` : `correct ${setting} and start again`;
}

/**
 * What went wrong, in one sentence, and what to do, as every process of Mettle prints it.
 * @param stack whether to show where in the code, for who looks for a defect
 */
export function explain(error: unknown, { stack = false }: { readonly stack?: boolean } = {}): string {
  const where = stack && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  if (isMettleError(error)) return `error ${error.code}: ${error.message}\n  ${hintOf(error)}\n${where}`;
  return `error INTERNAL: ${reasonOf(error)}\n  METTLE_LOG_LEVEL=debug shows where\n${where}`;
}
