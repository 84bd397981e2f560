import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MettleError } from '@mettle/contracts';
import { isLoopback } from './http/protect.ts';

/** A folder's name, and a part of an address. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * What this replica's log and lease are called. The name stays with the folder that holds the log: a container that is made
 * anew over its volume has another host name, and must come back as the server whose log is waited for.
 * @param configured METTLE_SERVER. @throws MettleError INVALID_INPUT
 */
export function replicaName(folder: string, host: string, configured: string | undefined): string {
  if (configured !== undefined) {
    if (PLAIN.test(configured)) return configured;
    throw new MettleError('INVALID_INPUT', `METTLE_SERVER='${configured.slice(0, 100)}' is no name: letters, digits, '.', '_' and '-'`, { setting: 'METTLE_SERVER' });
  }
  // The one beside its gateway.
  if (isLoopback(host)) return 'inference-0';
  const path = join(folder, 'name');
  try {
    writeFileSync(path, `${hostname().replace(/[^A-Za-z0-9-]/g, '-')}-${randomBytes(4).toString('hex')}\n`, { flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const name = readFileSync(path, 'utf8').trim();
  if (!PLAIN.test(name)) throw new MettleError('INVALID_INPUT', `${path} holds no name of a server`, { path });
  return name;
}
