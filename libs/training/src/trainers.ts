import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { hashBytes, hashOf, MettleError, Name } from '@mettle/contracts';
import { z } from 'zod';
import { findPython, LOCK_FILE, TRAINER_FOLDER } from './shipped.ts';
import { hashSource } from './hash-source.ts';
import type { Trainer } from './trainer.ts';

/** The file that METTLE_TRAINERS points at: name -> how to start it. Paths are relative to the file. */
const Configuration = z.record(
  Name,
  z.strictObject({
    /** Default: the Python of the shipped trainer, which finds `mettle_trainer` on its path. */
    command: z.string().min(1).optional(),
    args: z.array(z.string()).default([]),
    /** Lock file of its environment; default: the shipped trainer's. */
    lock: z.string().optional(),
    /** Its source, a file or a folder; default: the arguments that are files. */
    source: z.string().optional(),
  }),
);

export interface Trainers {
  readonly names: readonly string[];
  /** @throws MettleError UNKNOWN_TRAINER */
  get(name: string): Trainer;
}

/**
 * The built-in `lightgbm` and those of a METTLE_TRAINERS file, which may replace it.
 * @throws MettleError INVALID_INPUT when the file is missing or has another form
 */
export function loadTrainers(env: NodeJS.ProcessEnv = process.env): Trainers {
  const trainers = new Map<string, Trainer>([['lightgbm', shipped(env)]]);
  if (env['METTLE_TRAINERS']) {
    for (const trainer of configured(resolve(env['METTLE_TRAINERS']), env)) trainers.set(trainer.name, trainer);
  }
  const names = [...trainers.keys()].sort();
  return {
    names,
    get(name) {
      const trainer = trainers.get(name);
      if (!trainer) throw new MettleError('UNKNOWN_TRAINER', `no trainer is called ${name}`, { trainer: name, known: names });
      return trainer;
    },
  };
}

function pythonPath(env: NodeJS.ProcessEnv): Record<string, string> {
  return { PYTHONPATH: [TRAINER_FOLDER, env['PYTHONPATH']].filter(Boolean).join(delimiter) };
}

function shipped(env: NodeJS.ProcessEnv): Trainer {
  return {
    name: 'lightgbm',
    command: findPython(env),
    args: ['-m', 'mettle_trainer'],
    cwd: TRAINER_FOLDER,
    env: pythonPath(env),
    environment: hashBytes(readFileSync(LOCK_FILE)),
    code: hashSource([resolve(TRAINER_FOLDER, 'mettle_trainer')]),
  };
}

function configured(file: string, env: NodeJS.ProcessEnv): Trainer[] {
  const folder = dirname(file);
  return Object.entries(readConfiguration(file)).map(([name, { command, args, lock, source }]) => {
    const lockFile = lock === undefined ? LOCK_FILE : resolve(folder, lock);
    const sources = source === undefined ? args.map((arg) => resolve(folder, arg)).filter((path) => existsSync(path)) : [resolve(folder, source)];
    for (const path of [lockFile, ...sources]) {
      if (!existsSync(path)) throw new MettleError('INVALID_INPUT', `trainer ${name} names ${path}, which does not exist`, { trainer: name, path });
    }
    return {
      name,
      command: command ?? findPython(env),
      args,
      cwd: folder,
      env: pythonPath(env),
      environment: hashBytes(readFileSync(lockFile)),
      code: hashOf({ command: command ?? null, args, source: hashSource(sources) }),
    };
  });
}

function readConfiguration(file: string): z.infer<typeof Configuration> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new MettleError('INVALID_INPUT', `METTLE_TRAINERS names ${file}, which cannot be read as JSON`, { setting: 'METTLE_TRAINERS', path: file }, { cause: error });
  }
  const parsed = Configuration.safeParse(value);
  if (!parsed.success) throw new MettleError('INVALID_INPUT', `${file}: ${z.prettifyError(parsed.error)}`, { setting: 'METTLE_TRAINERS', path: file });
  return parsed.data;
}
