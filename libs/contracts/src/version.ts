import { z } from 'zod';
import { Name } from './value.ts';

export const VersionRef = z.object({ model: Name, version: z.int().min(1) });
export type VersionRef = z.infer<typeof VersionRef>;

export const Stage = z.enum(['development', 'staging', 'production', 'archived']);
export type Stage = z.infer<typeof Stage>;
export const Arm = z.enum(['champion', 'challenger', 'shadow']);
export type Arm = z.infer<typeof Arm>;
export const Phase = z.enum(['train', 'register', 'qualify', 'shadow', 'challenge', 'approve', 'promote', 'bake']);
export type Phase = z.infer<typeof Phase>;

/** `flight-lateness@3`: the key of a version in maps, logs and file columns. */
export const versionKey = (ref: VersionRef): string => `${ref.model}@${ref.version}`;

/** The inverse of {@link versionKey}. @throws RangeError when the text is not `model@n` */
export function parseVersionKey(key: string): VersionRef {
  const at = key.lastIndexOf('@');
  const version = Number(key.slice(at + 1));
  if (at < 1 || !Number.isInteger(version) || version < 1) throw new RangeError(`'${key}' is not model@version`);
  return { model: key.slice(0, at), version };
}

export const sameVersion = (a: VersionRef | null, b: VersionRef | null): boolean =>
  a === b || (a !== null && b !== null && a.model === b.model && a.version === b.version);
