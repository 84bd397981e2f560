import { MettleError } from '@mettle/contracts';
import { manage, type ManagedProcess, type ProcessEvent, type ProcessSpec } from './managedProcess.ts';
import { claimRecord, endOrphans, removeRecord } from './processRecord.ts';

export interface Platform {
  processes(): readonly { name: string; pid: number | null; restarts: number }[];
  /** kill -9 of one process, by name; it is restarted. @returns false when it does not run */
  kill(name: string): boolean;
  /** Ends everything, last started first. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  /** Records and logs of the processes; one supervisor at a time. */
  readonly folder: string;
  /** Called when the folder is ours and no orphan is left: what to check or write first, and what to start, in order. */
  readonly prepare: () => Promise<readonly ProcessSpec[]>;
  readonly onEvent?: ((event: ProcessEvent) => void) | undefined;
  /** Gives up the start, and ends what was started. */
  readonly signal?: AbortSignal | undefined;
}

const SUPERVISOR = 'supervisor';

/**
 * Starts a table of processes one after the other, each when the one before is ready, and keeps them running.
 * @throws MettleError ALREADY_RUNNING, UNAVAILABLE, what `prepare` throws; nothing is left running then
 */
export async function supervise({ folder, prepare, onEvent = () => undefined, signal }: SuperviseOptions): Promise<Platform> {
  const other = claimRecord(folder, SUPERVISOR);
  if (other !== null) throw new MettleError('ALREADY_RUNNING', `another mettle (pid ${other.pid}) uses ${folder}`, { folder, pid: other.pid });
  const running: ManagedProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const one of running) one.retire();
    for (const one of [...running].reverse()) await one.stop();
    removeRecord(folder, SUPERVISOR);
  };
  try {
    await endOrphans(folder, SUPERVISOR);
    for (const spec of await prepare()) {
      signal?.throwIfAborted();
      running.push(await manage(spec, folder, onEvent, signal));
    }
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
