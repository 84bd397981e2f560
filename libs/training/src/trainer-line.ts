import { z } from 'zod';

/** How far a trainer is: `progress` in [0, 1]. */
export const TrainerProgress = z.object({ progress: z.number().min(0).max(1), message: z.string().default('') });
export type TrainerProgress = z.infer<typeof TrainerProgress>;

/** A refusal that a trainer names itself, from the few codes that are its to use. */
export const TrainerRefusal = z.object({ error: z.enum(['INVALID_INPUT', 'TRAINER_BAD_METRICS', 'NO_TRAINING_DATA']), message: z.string() });
export type TrainerRefusal = z.infer<typeof TrainerRefusal>;

/** Reads one line of a trainer's stdout; null for anything that is not of the contract. */
export function readTrainerLine(line: string): TrainerProgress | TrainerRefusal | null {
  if (!line.startsWith('{')) return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const refusal = TrainerRefusal.safeParse(value);
  if (refusal.success) return refusal.data;
  const progress = TrainerProgress.safeParse(value);
  return progress.success ? progress.data : null;
}
