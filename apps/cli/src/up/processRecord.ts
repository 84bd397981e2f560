import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** What is written of each process, so that a later run can end what this one left behind. */
const ProcessRecord = z.object({ name: z.string(), pid: z.int(), startedAt: z.string() });
export type ProcessRecord = z.infer<typeof ProcessRecord>;

const HAS_PROC = existsSync('/proc/self/stat');

/** Start time of a process (Linux: clock ticks since boot): with the pid it names a process for good. Null when it is gone or a zombie. */
export function startTimeOf(pid: number): string | null {
  if (!HAS_PROC) return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before it may hold spaces
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

const isAlive = ({ pid, startedAt }: ProcessRecord): boolean => startTimeOf(pid) === startedAt;
const fileOf = (folder: string, name: string): string => join(folder, `${name}.json`);

/** A whole record under a name of its own, so that no reader ever sees half of one. */
function draft(folder: string, name: string, pid: number): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `.${name}.${process.pid}`);
  writeFileSync(path, JSON.stringify({ name, pid, startedAt: startTimeOf(pid) ?? '' } satisfies ProcessRecord));
  return path;
}

export const writeRecord = (folder: string, name: string, pid: number): void => renameSync(draft(folder, name, pid), fileOf(folder, name));

export const removeRecord = (folder: string, name: string): void => rmSync(fileOf(folder, name), { force: true });

/** The recorded process, if it still runs. */
export function readRecord(folder: string, name: string): ProcessRecord | null {
  try {
    const parsed = ProcessRecord.safeParse(JSON.parse(readFileSync(fileOf(folder, name), 'utf8')));
    return parsed.success && isAlive(parsed.data) ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Records this process under `name`, unless another one that runs is recorded there: then that one. Two at once cannot both succeed. */
export function claimRecord(folder: string, name: string): ProcessRecord | null {
  const mine = draft(folder, name, process.pid);
  try {
    for (;;) {
      try {
        linkSync(mine, fileOf(folder, name));
        return null;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readRecord(folder, name);
      if (holder !== null) return holder;
      removeRecord(folder, name);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Ends what an earlier run left running, by pid and start time, and waits until it is gone. @returns their names */
export async function endOrphans(folder: string, except: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5)).filter((name) => name !== except);
  const ended: string[] = [];
  for (const name of names) {
    const record = readRecord(folder, name);
    if (record !== null) {
      try {
        process.kill(record.pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
      while (isAlive(record)) await sleep(10);
      ended.push(name);
    }
    removeRecord(folder, name);
  }
  return ended;
}
