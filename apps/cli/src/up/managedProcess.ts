import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MettleError } from '@mettle/contracts';
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
  stop(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;
const GRACE_MS = 10_000;
/** A process that lived this long gets its first, shortest backoff again. */
const STABLE_MS = 10_000;

/**
 * Starts a process and keeps it running: after an exit, which is always awaited, it starts again with backoff.
 * @throws MettleError UNAVAILABLE when it does not become ready the first time; its log is named
 */
export async function manage(spec: ProcessSpec, folder: string, onEvent: (event: ProcessEvent) => void): Promise<ManagedProcess> {
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, `${spec.name}.log`);
  let child: ChildProcess | null = null;
  let stopping = false;
  let restarts = 0;
  let backoff = 100;
  let exited: Promise<void> = Promise.resolve();

  const start = (): void => {
    const log = openSync(logFile, 'a');
    const started = performance.now();
    const next = spawn(spec.command, [...spec.args], { env: spec.env, stdio: ['ignore', log, log, ...(spec.channel ? (['ipc'] as const) : [])] });
    closeSync(log);
    child = next;
    if (next.pid !== undefined) {
      writeRecord(folder, spec.name, next.pid);
      onEvent({ kind: restarts === 0 ? 'started' : 'restarted', name: spec.name, pid: next.pid });
    }
    exited = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        if (child !== next) return;
        child = null;
        removeRecord(folder, spec.name);
        onEvent({ kind: 'exited', name: spec.name, code, signal });
        if (!stopping) {
          if (performance.now() - started > STABLE_MS) backoff = 100;
          const wait = backoff;
          backoff = Math.min(backoff * 2, 5_000);
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

  start();
  const deadline = performance.now() + READY_LIMIT_MS;
  while (!(await spec.ready().catch(() => false))) {
    if (performance.now() > deadline || restarts > 3) {
      stopping = true;
      (child as ChildProcess | null)?.kill('SIGKILL');
      throw new MettleError('UNAVAILABLE', `${spec.name} does not start: see ${logFile}`, { process: spec.name, log: logFile });
    }
    await sleep(50);
  }
  return {
    name: spec.name,
    pid: () => child?.pid ?? null,
    restarts: () => restarts,
    kill: () => child?.kill('SIGKILL') ?? false,
    async stop() {
      stopping = true;
      if (child === null) return;
      const timer = setTimeout(() => child?.kill('SIGKILL'), GRACE_MS);
      child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
    },
  };
}
