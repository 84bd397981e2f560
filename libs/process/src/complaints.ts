import { isMettleError } from '@mettle/contracts';

/** The part of a logger that is used. */
export interface WarnLog {
  warn(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

/** The same complaint is repeated at most this often, ms. */
const AGAIN_MS = 60_000;

/** Logs what goes wrong and is tried again, in one line without a stack, once a minute; every time, with its stack, at `debug`. */
export function createComplaints(log: WarnLog): (what: string, error: unknown) => void {
  const said = new Map<string, number>();
  return (what, error) => {
    log.debug({ err: error }, what);
    const reason = error instanceof Error ? error.message : String(error);
    const key = `${what}: ${reason}`;
    const now = performance.now();
    if (now - (said.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    if (said.size > 100) said.clear();
    said.set(key, now);
    log.warn(isMettleError(error) ? { code: error.code, hint: error.hint, data: error.data } : { code: 'INTERNAL' }, key);
  };
}
