import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { MettleError, hashOf, isMettleError } from '@mettle/contracts';
import { compileService } from '@mettle/feature-language';
import { inspectModel } from '@mettle/inference';
import { runTrainer, type TrainerOutput, type TrainerSpec } from '@mettle/training';
import type { ComputeDeps } from './deps.ts';
import type { Memory } from './remember.ts';
import type { Records } from './records.ts';
import type { ComputeHandlers } from '../handlers.ts';

/**
 * A core stays free for the work beside the training. The shipped trainer gives the same bytes whatever the number, so a
 * seed gives the same trees on every machine.
 */
const TRAINER_THREADS = Math.max(1, availableParallelism() - 1);

/** The running activity; null where it is called as a plain function. */
const context = (): Context | null => {
  try {
    return Context.current();
  } catch {
    return null;
  }
};

/** Runs the trainer on a snapshot, in a child process that ends with this one, in a folder per attempt. */
export function trainActivity({ blobs, home, trainers }: ComputeDeps, records: Records, remember: Memory): Pick<ComputeHandlers, 'train'> {
  return {
    train: (input) => remember('train', input, async () => {
      const { key, task, classes = null, trainer: run, snapshot, definition: blob, holdoutFrom } = input;
      const trainer = trainers.get(run.name);
      const [definition, manifest] = await Promise.all([records.definition(blob), records.manifest(snapshot)]);
      if (manifest.labelled === 0) throw new MettleError('NO_TRAINING_DATA', 'no row of the snapshot has a label', { snapshot, rows: manifest.rows });
      const spec: TrainerSpec = {
        partitions: await records.paths(manifest.partitions.map(({ hash }) => hash)),
        labels: await blobs.path(manifest.labels),
        features: compileService(definition).features.map(({ name, type, category }) => ({ name, type, category })),
        parameters: run.parameters, seed: run.seed, task, classes, holdoutFrom, threads: TRAINER_THREADS,
      };
      const activity = context();
      const output = await runTrainer({
        trainer, spec, workdir: join(home, 'training', hashOf(key).slice(0, 16)), signal: activity?.cancellationSignal,
        onProgress: (progress) => activity?.heartbeat(progress),
      }).catch(toRetry);
      return await keep(output, trainer.environment, trainer.code);
    }),
  };

  /** Moves what counts into the blob store; the attempt's folder goes. */
  async function keep({ folder, model, fitted, reported, log }: TrainerOutput, environment: string, code: string) {
    const { opset } = inspectModel(await readFile(model));
    const [file, vocabularies, printed] = await Promise.all([blobs.putFile(model), blobs.putJson(fitted), blobs.putFile(log)]);
    await rm(folder, { recursive: true, force: true });
    return { file: file.hash, bytes: file.bytes, opset, fitted: vocabularies, environment, code, log: printed.hash, reported };
  }
}

/** A trainer that somebody killed did nothing wrong. */
function toRetry(error: unknown): never {
  if (isMettleError(error) && error.code === 'TRAINER_CRASHED' && error.data['signal'] === 'SIGKILL') {
    throw new MettleError('UNAVAILABLE', `${error.message}: it is started again`, error.data, { cause: error });
  }
  throw error;
}
