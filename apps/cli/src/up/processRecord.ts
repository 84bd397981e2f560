import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** What is written of each process, so that a later run can end what this one left behind. */
const ProcessRecord = z.object({ name: z.string(), pid: z.int(), startedAt: z.string() });
export type ProcessRecord = z.infer<typeof ProcessRecord>;

/** Start time of a process in clock ticks since boot: with the pid it names a process for good. Null when it is gone. */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

const isZombie = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return true;
  }
};

const isAlive = ({ pid, startedAt }: ProcessRecord): boolean => startTimeOf(pid) === startedAt && !isZombie(pid);

export function writeRecord(folder: string, name: string, pid: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, pid, startedAt: startTimeOf(pid) ?? '' } satisfies ProcessRecord));
}

export const removeRecord = (folder: string, name: string): void => rmSync(join(folder, `${name}.json`), { force: true });

export function readRecord(folder: string, name: string): ProcessRecord | null {
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) return null;
  const parsed = ProcessRecord.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success && isAlive(parsed.data) ? parsed.data : null;
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
