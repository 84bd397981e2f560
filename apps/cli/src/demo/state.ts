import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** How far a run has come: written after every day, so that a killed run can go on. */
export const DemoState = z.object({
  v: z.literal(1),
  seed: z.int(),
  /** Everything before this watermark is done. */
  watermark: z.int().nullable(),
  /** Wall seconds of the runs so far. */
  seconds: z.number(),
  kills: z.int(),
  served: z.int(),
  /** Responses by version over the whole year. */
  servedBy: z.record(z.string(), z.int()),
  /** Lifecycle ids of the sabotaged candidates by cause. */
  sabotage: z.record(z.string(), z.string()),
  /** The watermark at which the year's change had won and became the recipe; null before. */
  adoptedAt: z.int().nullable(),
  rollback: z.object({ version: z.string(), day: z.int(), ms: z.number(), restored: z.boolean() }).nullable(),
});
export type DemoState = z.infer<typeof DemoState>;

export const newState = (seed: number): DemoState => ({
  v: 1, seed, watermark: null, seconds: 0, kills: 0, served: 0, servedBy: {}, sabotage: {}, adoptedAt: null, rollback: null,
});

export function loadState(folder: string): DemoState | null {
  const path = join(folder, 'state.json');
  return existsSync(path) ? DemoState.parse(JSON.parse(readFileSync(path, 'utf8'))) : null;
}

/** Replaces the file in one step: a kill leaves the old state or the new one. */
export function saveState(folder: string, state: DemoState): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'state.json');
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}
