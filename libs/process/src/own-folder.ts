import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { MettleError } from '@mettle/contracts';

/** A folder that this process may write. @param setting the variable that names it. @throws MettleError INVALID_INPUT */
export function ownFolder(path: string, setting: string): string {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new MettleError('INVALID_INPUT', `${setting}=${path}: a folder there cannot be made or written (${code})`, { setting, path: folder }, { cause });
  }
  return folder;
}
