import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MettleError, type Settings } from '@mettle/contracts';
import { manage, type ManagedProcess, type ProcessEvent } from './managedProcess.ts';
import { checkPorts } from './ports.ts';
import { endOrphans, readRecord, removeRecord, writeRecord } from './processRecord.ts';
import { processTable } from './processTable.ts';
import { checkExposure } from './settings.ts';

export interface Platform {
  processes(): readonly { name: string; pid: number | null; restarts: number }[];
  /** kill -9 of one process, by name; it is restarted. @returns false when it does not run */
  kill(name: string): boolean;
  /** Ends everything, last started first. */
  stop(): Promise<void>;
}

const SUPERVISOR = 'supervisor';

/**
 * Starts the platform in one place: Temporal, control, compute and inference, each restarted when it dies.
 * @throws MettleError FORBIDDEN | ALREADY_RUNNING | PORT_IN_USE | NOT_FOUND | UNAVAILABLE
 */
export async function startPlatform(options: { settings: Settings; python?: string | null; onEvent?: (event: ProcessEvent) => void }): Promise<Platform> {
  const { settings, onEvent = () => undefined } = options;
  const home = settings.METTLE_HOME;
  checkExposure(settings);
  const run = join(home, 'run');
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const other = readRecord(run, SUPERVISOR);
  if (other !== null && other.pid !== process.pid) throw new MettleError('ALREADY_RUNNING', `another mettle (pid ${other.pid}) uses ${home}`, { home, pid: other.pid });
  writeRecord(run, SUPERVISOR, process.pid);

  const running: ManagedProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const one of [...running].reverse()) await one.stop();
    removeRecord(run, SUPERVISOR);
  };
  try {
    await endOrphans(run, SUPERVISOR);
    await checkPorts(settings.METTLE_HOST, [
      { port: settings.METTLE_GATEWAY_PORT, setting: 'METTLE_GATEWAY_PORT' },
      { port: settings.METTLE_INFERENCE_PORT, setting: 'METTLE_INFERENCE_PORT' },
      { port: settings.METTLE_TEMPORAL_PORT, setting: 'METTLE_TEMPORAL_PORT' },
      { port: settings.METTLE_TEMPORAL_UI_PORT, setting: 'METTLE_TEMPORAL_UI_PORT' },
    ]);
    const token = settings.METTLE_TOKEN_FILE ?? join(home, 'token');
    if (!existsSync(token)) writeFileSync(token, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    for (const spec of processTable(settings, options.python ?? null)) running.push(await manage(spec, run, onEvent));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    processes: () => running.map((one) => ({ name: one.name, pid: one.pid(), restarts: one.restarts() })),
    kill: (name) => running.find((one) => one.name === name)?.kill() ?? false,
    stop,
  };
}
