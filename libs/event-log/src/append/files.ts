import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The files of a log, named by the sequences that they hold:
 * `<from>.open` takes appends; `<from>-<to>.raw` was rotated and is not packed yet; `<from>-<to>-<hash>.gz` is a sealed
 * piece, kept until it is forgotten. `*.new` is half written, a leftover of a crash.
 */
const digits = (sequence: number): string => String(sequence).padStart(16, '0');

export const openName = (from: number): string => `${digits(from)}.open`;
export const rawName = (from: number, to: number): string => `${digits(from)}-${digits(to)}.raw`;
export const pieceName = (from: number, to: number, hash: string): string => `${digits(from)}-${digits(to)}-${hash}.gz`;

export type LogFile =
  | { readonly kind: 'open'; readonly path: string; readonly from: number }
  | { readonly kind: 'raw'; readonly path: string; readonly from: number; readonly to: number }
  | { readonly kind: 'piece'; readonly path: string; readonly from: number; readonly to: number; readonly hash: string };

const NAME = /^(\d{16})(?:-(\d{16}))?(?:-([0-9a-f]{64}))?\.(open|raw|gz)$/;

/** The log's files in the order of their sequences. */
export async function listFiles(dir: string): Promise<LogFile[]> {
  const files: LogFile[] = [];
  for (const name of (await readdir(dir)).sort()) {
    const path = join(dir, name);
    const match = NAME.exec(name);
    const [from, to, hash, kind] = [Number(match?.[1]), Number(match?.[2]), match?.[3], match?.[4]];
    if (kind === 'open' && match?.[2] === undefined) files.push({ kind, path, from });
    else if (kind === 'raw' && match?.[2] !== undefined && hash === undefined) files.push({ kind, path, from, to });
    else if (kind === 'gz' && hash !== undefined) files.push({ kind: 'piece', path, from, to, hash });
  }
  return files;
}

/** Removes what was half written when a crash came. */
export async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir)) if (name.endsWith('.new')) await rm(join(dir, name), { force: true });
}

/** Makes names durable: a rename survives power loss only once its directory is synced. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
