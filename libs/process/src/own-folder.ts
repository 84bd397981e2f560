import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MettleError } from '@mettle/contracts';

/**
 * Makes a folder that this process may write, and those above it. One by one: Node's own recursive mkdir never returns
 * where a parent lets nothing be made and says ENOENT, as /proc does.
 * @param setting the variable that names it. @returns its absolute path. @throws MettleError INVALID_INPUT naming the setting
 */
export function ownFolder(path: string, setting: string): string {
  const folder = resolve(path);
  const missing: string[] = [];
  try {
    for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const one of missing) {
      // Another start may make it at the same time.
      if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
    }
    if (!statSync(folder).isDirectory()) throw new Error('not a directory');
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MettleError('INVALID_INPUT', `${setting}: a folder ${folder} cannot be made and written (${reason})`, { setting, path: folder }, { cause });
  }
  return folder;
}
