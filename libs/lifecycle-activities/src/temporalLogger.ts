import type { LogMetadata, Logger } from '@temporalio/common';

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
type Level = (typeof LEVELS)[keyof typeof LEVELS];

/** The part of a pino logger that is used. */
type Log = Readonly<Record<Level, (fields: object, message: string) => void>>;

/** Temporal's log lines in ours. A refusal (a typed failure of an activity) is an answer, not a trouble: it goes to debug. */
export function temporalLogger(log: Log): Logger {
  const say = (level: Level) => (message: string, meta?: LogMetadata): void => {
    const { error, ...facts } = (meta ?? {}) as { error?: { type?: unknown } } & Record<string, unknown>;
    const refusal = typeof error?.type === 'string';
    log[refusal ? 'debug' : level](error === undefined ? facts : { ...facts, err: error }, message);
  };
  return {
    trace: say('trace'), debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error'),
    log: (level, message, meta) => say(LEVELS[level])(message, meta),
  };
}
