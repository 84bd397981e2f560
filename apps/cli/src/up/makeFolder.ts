import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MettleError } from '@mettle/contracts';

/**
 * Makes a folder and those above it. One by one: Node's own recursive mkdir never returns where a parent lets nothing be
 * made and says ENOENT, as /proc does.
 * @throws MettleError INVALID_INPUT naming the setting
 */
export function makeFolder(folder: string, setting: string): void {
  const missing: string[] = [];
  try {
    for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const one of missing) {
      // Another start may make it at the same time.
      if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
    }
    if (!statSync(folder).isDirectory()) throw new Error('not a directory');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MettleError('INVALID_INPUT', `${setting}: ${folder} cannot be made (${reason})`, { field: setting, path: folder }, { cause: error });
  }
}
