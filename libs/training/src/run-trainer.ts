import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { MettleError } from '@mettle/contracts';
import { startGroup } from './process-group.ts';
import { readTrainerLine, type TrainerProgress, type TrainerRefusal } from './trainer-line.ts';
import { openTrainerLog } from './trainer-log.ts';
import { readTrainerOutput, type TrainerOutput } from './trainer-output.ts';
import type { TrainerSpec } from './trainer-spec.ts';
import type { Trainer } from './trainer.ts';

/** A trainer that prints nothing for this long is hung. */
const DEFAULT_SILENCE_MS = 120_000;

export interface RunTrainerOptions {
  readonly trainer: Trainer;
  /** Attempts get their own folders inside it. */
  readonly workdir: string;
  readonly spec: TrainerSpec;
  readonly onProgress?: ((progress: TrainerProgress) => void) | undefined;
  /** Ends the trainer and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte of output after which the trainer is ended. */
  readonly silenceMs?: number | undefined;
}

/**
 * Runs a trainer in a child process to its end, in a folder of this attempt. After a failure only the log remains.
 * @throws MettleError TRAINER_HUNG, TRAINER_CRASHED, TRAINER_NO_MODEL, TRAINER_BAD_METRICS, and what the trainer itself
 *   may name (INVALID_INPUT, NO_TRAINING_DATA); the data carries the log's path and its last lines
 */
export async function runTrainer(options: RunTrainerOptions): Promise<TrainerOutput> {
  options.signal?.throwIfAborted();
  const workdir = resolve(options.workdir);
  await mkdir(workdir, { recursive: true });
  const folder = await mkdtemp(join(workdir, 'attempt-'));
  try {
    return await runIn(folder, options);
  } catch (error) {
    await rm(join(folder, 'out'), { recursive: true, force: true });
    await rm(join(folder, 'spec.json'), { force: true });
    throw error;
  }
}

async function runIn(folder: string, { trainer, spec, onProgress, signal, silenceMs = DEFAULT_SILENCE_MS }: RunTrainerOptions): Promise<TrainerOutput> {
  const out = join(folder, 'out');
  const specFile = join(folder, 'spec.json');
  const logFile = join(folder, 'trainer.log');
  await mkdir(out);
  await writeFile(specFile, JSON.stringify({ v: 1, out, ...spec }));

  const log = openTrainerLog(logFile);
  const group = startGroup(trainer.command, [...trainer.args, specFile], { cwd: trainer.cwd, env: { ...process.env, ...trainer.env } });
  let refusal: TrainerRefusal | null = null;
  let hung = false;
  const silence = setTimeout(() => {
    hung = true;
    group.kill();
  }, silenceMs);
  const heard = (chunk: Buffer): void => {
    silence.refresh();
    log.write(chunk);
  };
  group.child.stdout?.on('data', heard);
  group.child.stderr?.on('data', heard);
  if (group.child.stdout) {
    createInterface({ input: group.child.stdout }).on('line', (line) => {
      const read = readTrainerLine(line);
      if (read === null) return;
      if ('error' in read) refusal = read;
      else onProgress?.(read);
    });
  }
  signal?.addEventListener('abort', group.kill, { once: true });
  if (signal?.aborted) group.kill();

  const { code, signal: endedBy, failure } = await group.ended;
  clearTimeout(silence);
  signal?.removeEventListener('abort', group.kill);
  log.close();
  signal?.throwIfAborted();

  const data = { trainer: trainer.name, log: logFile, tail: log.tail() };
  if (failure) throw new MettleError('TRAINER_CRASHED', `the trainer ${trainer.name} did not start: ${failure.message}`, data, { cause: failure });
  if (hung) throw new MettleError('TRAINER_HUNG', `the trainer ${trainer.name} was silent for ${silenceMs} ms`, { ...data, silenceMs });
  if (code !== 0) {
    const named = refusal as TrainerRefusal | null;
    if (named) throw new MettleError(named.error, named.message, data);
    throw new MettleError('TRAINER_CRASHED', `the trainer ${trainer.name} ended with ${endedBy ?? `exit status ${code}`}`, { ...data, exit: code, signal: endedBy });
  }
  return readTrainerOutput(folder, out, logFile);
}
