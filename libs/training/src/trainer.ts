import type { Hash } from '@mettle/contracts';

/** A configured trainer: the command that takes the spec's path as its last argument, and what identifies it in a model's lineage. */
export interface Trainer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Hash of the lock of the environment it runs in. */
  readonly environment: Hash;
  /** Hash of its source. */
  readonly code: Hash;
}
