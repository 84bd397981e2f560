import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MettleError } from '@mettle/contracts';

interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same pid; null where the system does not say. */
  readonly started: string | null;
}

/** Ticks since boot at which the process started, from /proc. */
function startedAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === null || startedAt(pid) === started;
}

/**
 * Holds METTLE_HOME for one control process: its logs have one writer. A lock whose holder was killed is taken over.
 * @returns the release
 * @throws MettleError ALREADY_RUNNING naming the holder
 */
export function lockHome(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, started: startedAt(process.pid) } satisfies Holder);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(path);
    if (holder !== null && holder.pid !== process.pid && isAlive(holder)) {
      throw new MettleError('ALREADY_RUNNING', `process ${holder.pid} uses this METTLE_HOME`, { pid: holder.pid, lock: path });
    }
    rmSync(path, { force: true });
  }
  throw new MettleError('ALREADY_RUNNING', 'another process keeps taking this METTLE_HOME', { lock: path });
}

function read(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}
