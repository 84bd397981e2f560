import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@mettle/contracts';
import { ROOT } from './settings.ts';

/** The trainer's virtual environment: METTLE_VENV, or the one that the bootstrap makes in the repository. */
export const trainerVenv = (): string => process.env['METTLE_VENV'] ?? join(ROOT, '.cache', 'venv');

/** The Python that trains: METTLE_PYTHON, or the virtual environment's. Null: nothing can be trained here. */
export function findPython(settings: Settings): string | null {
  if (settings.METTLE_PYTHON !== undefined) return settings.METTLE_PYTHON;
  const python = join(trainerVenv(), 'bin', 'python');
  return existsSync(python) ? python : null;
}
