import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** src and dist lie equally deep. */
const ROOT = resolve(import.meta.dirname, '../../..');

/** The shipped trainer's package and lock. */
export const TRAINER_FOLDER = resolve(ROOT, 'apps/trainer');
export const LOCK_FILE = resolve(TRAINER_FOLDER, 'requirements.lock');

/** METTLE_PYTHON, else the environment that the bootstrap made, else `python3` on PATH. */
export function findPython(env: NodeJS.ProcessEnv): string {
  if (env['METTLE_PYTHON']) return env['METTLE_PYTHON'];
  try {
    const made = JSON.parse(readFileSync(resolve(ROOT, '.cache/bootstrap.json'), 'utf8')) as { python?: string };
    if (made.python) return made.python;
  } catch {
    // not bootstrapped for training
  }
  return 'python3';
}
