import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MettleError, settingsOf, type Settings } from '@mettle/contracts';

/** The repository: apps/cli/{src,dist}/up/../../../.. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');

/** @throws MettleError INVALID_INPUT naming the variable */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const settings = settingsOf(environment);
  return { ...settings, METTLE_HOME: resolve(settings.METTLE_HOME) };
}

/** Where `npm run bootstrap` keeps what it built. */
const cache = (): string => process.env['METTLE_CACHE'] ?? join(homedir(), '.cache', 'mettle');

/**
 * The Temporal CLI: METTLE_TEMPORAL_CLI, then PATH, then the bootstrap's cache.
 * @throws MettleError NOT_FOUND
 */
export function temporalCli(settings: Settings): string {
  const configured = settings.METTLE_TEMPORAL_CLI;
  if (configured !== undefined) {
    if (existsSync(configured)) return configured;
    throw new MettleError('NOT_FOUND', `METTLE_TEMPORAL_CLI names ${configured}, which is not there`, { path: configured });
  }
  const places = [...(process.env['PATH'] ?? '').split(delimiter), join(cache(), 'bin')].filter((folder) => folder !== '');
  const found = places.map((folder) => join(folder, 'temporal')).find((path) => existsSync(path));
  if (found === undefined) throw new MettleError('NOT_FOUND', 'no Temporal CLI: run npm run bootstrap', { setting: 'METTLE_TEMPORAL_CLI' });
  return found;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** @throws MettleError FORBIDDEN off loopback without a token that somebody configured */
export function checkExposure(settings: Settings): void {
  if (LOOPBACK.has(settings.METTLE_HOST) || settings.METTLE_TOKEN_FILE !== undefined) return;
  throw new MettleError('FORBIDDEN', `METTLE_HOST=${settings.METTLE_HOST} opens the platform to a network: set METTLE_TOKEN_FILE first`, { setting: 'METTLE_TOKEN_FILE' });
}
