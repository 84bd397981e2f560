import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** src and dist lie equally deep. */
const ROOT = resolve(import.meta.dirname, '../../..');

/** The shipped trainer's package and lock. */
export const TRAINER_FOLDER = resolve(ROOT, 'apps/trainer');
export const LOCK_FILE = resolve(TRAINER_FOLDER, 'requirements.lock');

/** METTLE_PYTHON, else the virtual environment that the bootstrap makes (METTLE_VENV moves it), else `python3` on PATH. */
export function findPython(env: NodeJS.ProcessEnv): string {
  if (env['METTLE_PYTHON']) return env['METTLE_PYTHON'];
  const made = join(env['METTLE_VENV'] ?? resolve(ROOT, '.cache/venv'), 'bin/python');
  return existsSync(made) ? made : 'python3';
}
