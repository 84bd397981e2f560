import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fitted, MettleError } from '@mettle/contracts';
import { z } from 'zod';

const Metrics = z.record(z.string(), z.number());
const Reported = z.object({ training: Metrics, holdout: Metrics });

/** What a trainer left in its folder, checked for form. The numbers are its own word: the platform recomputes them. */
export interface TrainerOutput {
  /** The attempt's folder; the caller removes it when it has taken what it needs. */
  readonly folder: string;
  /** Path of model.onnx. */
  readonly model: string;
  readonly bytes: number;
  readonly fitted: Fitted;
  readonly reported: { readonly training: Record<string, number>; readonly holdout: Record<string, number> };
  /** Path of what the trainer printed. */
  readonly log: string;
}

/**
 * @throws MettleError TRAINER_NO_MODEL when model.onnx is missing or empty or fitted.json has another form;
 *   TRAINER_BAD_METRICS when metrics.json is missing, has another form or holds NaN or an infinity
 */
export async function readTrainerOutput(folder: string, out: string, log: string): Promise<TrainerOutput> {
  const model = join(out, 'model.onnx');
  const found = await stat(model).catch(() => null);
  if (found === null || !found.isFile() || found.size === 0) {
    throw new MettleError('TRAINER_NO_MODEL', 'the trainer ended well but wrote no model.onnx', { log });
  }
  const reported = Reported.safeParse(await readJson(join(out, 'metrics.json')));
  if (!reported.success) {
    throw new MettleError('TRAINER_BAD_METRICS', 'metrics.json does not hold finite numbers for training and holdout', { log, problem: z.prettifyError(reported.error) });
  }
  const fitted = Fitted.safeParse((await readJson(join(out, 'fitted.json'))) ?? { v: 1, vocabularies: {} });
  if (!fitted.success) {
    throw new MettleError('TRAINER_NO_MODEL', 'fitted.json does not hold vocabularies', { log, problem: z.prettifyError(fitted.error) });
  }
  return { folder, model, bytes: found.size, fitted: fitted.data, reported: reported.data, log };
}

/** undefined when the file is missing; a string, which no schema here accepts, when it is not JSON (Python writes NaN as `NaN`). */
async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return 'not JSON';
  }
}
