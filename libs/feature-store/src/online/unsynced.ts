import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

export interface UnsyncedGuard {
  /** True: commits need not wait for the disk. */
  readonly noSync: boolean;
  /** Of a store that starts empty. */
  readonly generation: number;
  closed(): void;
}

/**
 * An unsynced store survives its process, not the machine: pages that were still in memory are gone and the file may
 * be torn. So the boot is noted beside it while it is open, and one left by another boot is thrown away. The event
 * log has everything. Where the boot cannot be told (no Linux), commits are synced.
 */
export function guardUnsynced(path: string, durability: 'process' | 'disk'): UnsyncedGuard {
  const marker = join(path, 'boot');
  const boot = existsSync(BOOT_ID) ? readFileSync(BOOT_ID, 'utf8').trim() : undefined;
  let generation = 1;
  if (existsSync(marker)) {
    const [left, number] = readFileSync(marker, 'utf8').split(' ');
    generation = Number(number) || 1;
    if (left !== boot) {
      generation += 1;
      for (const file of ['data.mdb', 'lock.mdb']) rmSync(join(path, file), { force: true });
    }
  }
  const noSync = durability === 'process' && boot !== undefined;
  if (noSync) writeFileSync(marker, `${boot} ${generation}`);
  else rmSync(marker, { force: true });
  return { noSync, generation, closed: () => rmSync(marker, { force: true }) };
}
