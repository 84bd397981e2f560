import { DefaultLogger, type Logger } from '@temporalio/worker';
import type { Logger as Pino } from 'pino';

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Temporal's log lines in ours. A refusal (a typed failure of an activity) is an answer, not a trouble: it goes to debug. */
export function temporalLogger(log: Pino): Logger {
  return new DefaultLogger('TRACE', ({ level, message, meta }) => {
    const { error, ...facts } = (meta ?? {}) as { error?: { type?: unknown } } & Record<string, unknown>;
    const refusal = typeof error?.type === 'string';
    log[refusal ? 'debug' : LEVELS[level]](error === undefined ? facts : { ...facts, err: error }, message);
  });
}
