import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MettleError } from '@mettle/contracts';
import { diesWithParent } from './diesWithParent.ts';
import { removeRecord, writeRecord } from './processRecord.ts';

/** One row of the process table. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** True once it does its work. */
  readonly ready: () => Promise<boolean>;
  /** A Node process of ours: it ends when the channel to its supervisor breaks. */
  readonly channel: boolean;
  /** Milliseconds from SIGTERM to SIGKILL; default 10,000. */
  readonly graceMs?: number;
}

export type ProcessEvent =
  | { readonly kind: 'started' | 'restarted'; readonly name: string; readonly pid: number }
  | { readonly kind: 'exited'; readonly name: string; readonly code: number | null; readonly signal: string | null };

export interface ManagedProcess {
  readonly name: string;
  readonly pid: () => number | null;
  readonly restarts: () => number;
  /** kill -9. @returns false when nothing runs */
  kill(): boolean;
  /** From now on it is not started again. */
  retire(): void;
  /** Retires it, asks it to end, and insists after a grace; resolves when it is gone. */
  stop(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;
const GRACE_MS = 10_000;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
/** A process that lived this long gets its first, shortest backoff again. */
const STABLE_MS = 10_000;
/** Exits before the first readiness after which there is no point in another start. */
const MOST_EARLY_EXITS = 4;

/**
 * Starts a process and keeps it running: after an exit, which is always awaited, it starts again with backoff.
 * Each child leads a session of its own, so that a Ctrl-C in the terminal reaches the supervisor alone and the order of the stop holds.
 * @throws MettleError UNAVAILABLE when it does not become ready the first time (its log is named); the signal's reason when it aborts
 */
export async function manage(spec: ProcessSpec, folder: string, onEvent: (event: ProcessEvent) => void, signal?: AbortSignal): Promise<ManagedProcess> {
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, `${spec.name}.log`);
  const [command, args] = spec.channel ? [spec.command, spec.args] : diesWithParent(spec.command, spec.args);
  const logFrom = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  let child: ChildProcess | null = null;
  let stopping = false;
  let restarts = 0;
  let exits = 0;
  let backoff = FIRST_BACKOFF_MS;
  let exited: Promise<void> = Promise.resolve();

  const start = (): void => {
    const log = openSync(logFile, 'a');
    const started = performance.now();
    const next = spawn(command, [...args], { env: spec.env, detached: true, stdio: ['ignore', log, log, ...(spec.channel ? (['ipc'] as const) : [])] });
    closeSync(log);
    child = next;
    if (next.pid !== undefined) {
      writeRecord(folder, spec.name, next.pid);
      onEvent({ kind: restarts === 0 ? 'started' : 'restarted', name: spec.name, pid: next.pid });
    }
    exited = new Promise((resolve) => {
      const end = (code: number | null, signalName: string | null): void => {
        if (child !== next) return;
        child = null;
        exits += 1;
        removeRecord(folder, spec.name);
        onEvent({ kind: 'exited', name: spec.name, code, signal: signalName });
        if (!stopping) {
          if (performance.now() - started > STABLE_MS) backoff = FIRST_BACKOFF_MS;
          const wait = backoff;
          backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MS);
          setTimeout(() => {
            if (stopping) return;
            restarts += 1;
            start();
          }, wait);
        }
        resolve();
      };
      next.once('exit', end);
      next.once('error', () => end(null, null));
    });
  };

  const graceMs = spec.graceMs ?? GRACE_MS;
  const stop = async (grace: number): Promise<void> => {
    stopping = true;
    const running = child;
    if (running === null) return;
    const timer = setTimeout(() => running.kill('SIGKILL'), grace);
    running.kill('SIGTERM');
    await exited;
    clearTimeout(timer);
  };

  start();
  const deadline = performance.now() + READY_LIMIT_MS;
  while (!(await spec.ready().catch(() => false))) {
    const hopeless = performance.now() > deadline || exits >= MOST_EARLY_EXITS;
    if (hopeless || signal?.aborted) {
      await stop(hopeless ? 0 : graceMs);
      signal?.throwIfAborted();
      const said = lastWords(logFile, logFrom);
      throw new MettleError('UNAVAILABLE', `${spec.name} does not start${said === '' ? '' : ` (${said})`}: see ${logFile}`, { process: spec.name, log: logFile });
    }
    await sleep(50);
  }
  return {
    name: spec.name,
    pid: () => child?.pid ?? null,
    restarts: () => restarts,
    kill: () => child?.kill('SIGKILL') ?? false,
    retire: () => void (stopping = true),
    stop: () => stop(graceMs),
  };
}

/** The last error in what a process has logged since `from` (bytes), or its last line. */
function lastWords(logFile: string, from: number): string {
  const lines = readFileSync(logFile).subarray(from).toString('utf8').split('\n').map(messageOf).filter((line) => line !== '');
  return (lines.findLast((line) => line.startsWith('error ')) ?? lines.at(-1) ?? '').slice(0, 300);
}

/** A line as it is; of a JSON line its message. */
function messageOf(line: string): string {
  if (!line.startsWith('{')) return line.trim();
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown };
    return typeof msg === 'string' ? msg : '';
  } catch {
    return '';
  }
}
