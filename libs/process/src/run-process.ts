import { settingsOf, type Settings } from '@mettle/contracts';
import { explain } from './explain.ts';

export interface ProcessContext {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
}

export interface RunningProcess {
  /** Ends in order. */
  stop(): Promise<void>;
  /** Settles when it cannot go on by itself; one that only ends by a signal has none. */
  readonly ended?: Promise<unknown>;
}

/** What an orderly end may take at most: a connection that does not close must not keep the process, ms. */
const STOP_MS = 25_000;

/**
 * Runs a process from its settings to its end. Whatever it cannot start or go on with is one sentence on standard error
 * and exit code 1.
 */
export async function runProcess(start: (context: ProcessContext) => Promise<RunningProcess>): Promise<void> {
  const { env } = process;
  const fail = (error: unknown): never => {
    const level = env['METTLE_LOG_LEVEL'];
    process.stderr.write(explain(error, { stack: level === 'debug' || level === 'trace' }));
    process.exit(1);
  };
  // A signal that comes during the start ends it; nothing has been promised to anybody yet.
  let stop = (): void => process.exit(0);
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => stop());
  try {
    const running = await start({ settings: settingsOf(env), environment: env });
    let stopping = false;
    stop = () => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(1), STOP_MS).unref();
      running.stop().then(() => process.exit(0), fail);
    };
    running.ended?.then(() => (stopping ? undefined : fail(new Error('the process ended by itself'))), (error: unknown) => (stopping ? undefined : fail(error)));
  } catch (error) {
    fail(error);
  }
}
