import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { checkHash, sha256, sha256OfFile } from './check.ts';

/** An engine may open a file some time after it was given the path: what was used within this time stays, ms. */
const IN_USE_MS = 6 * 3_600_000;

export interface CacheOptions {
  /** A folder that processes of one host may share. */
  readonly folder: string;
  /** What the folder may hold, bytes; exceeded only by what was used in the last six hours. */
  readonly limit: number;
}

/** Local copies of blobs, verified, dropped when they are the longest unused. */
export interface LocalCache {
  /** The verified copy, or null; a use of it. */
  path(hash: string): Promise<string | null>;
  /** The verified bytes of the copy, or null; no use of it. */
  bytes(hash: string): Promise<Buffer | null>;
  /** A fresh path on the file system of the cache. */
  temporary(): string;
  /** Takes over a file whose content the caller has just verified; the path is its new one. */
  adopt(from: string, hash: string): Promise<string>;
}

/** Recency is the modification time of a file, so that the processes that share the folder see each other's uses. */
export function localCache({ folder, limit }: CacheOptions): LocalCache {
  const root = resolve(folder);
  const temporaries = join(root, 'tmp');
  mkdirSync(temporaries, { recursive: true });
  const fileOf = (hash: string): string => join(root, checkHash(hash).slice(0, 2), hash);
  /** Files that this process has verified, by inode: a copy that another process or a power loss left is hashed once. */
  const verified = new Map<string, number>();
  let turn: Promise<unknown> = Promise.resolve();

  const stale = async (): Promise<void> => {
    const free = Date.now() - IN_USE_MS;
    const files: { path: string; bytes: number; used: number }[] = [];
    for (const part of await readdir(root, { withFileTypes: true })) {
      if (!part.isDirectory()) continue;
      for (const name of await readdir(join(root, part.name))) {
        const path = join(root, part.name, name);
        const found = await stat(path).catch(() => null);
        if (found === null) continue;
        if (part.name !== 'tmp') files.push({ path, bytes: found.size, used: found.mtimeMs });
        // Nobody wrote to it for so long: a process that was killed left it.
        else if (found.mtimeMs < free) await rm(path, { force: true });
      }
    }
    let held = files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of files.filter(({ used }) => used < free).sort((a, b) => a.used - b.used)) {
      if (held <= limit) return;
      await rm(path, { force: true });
      held -= bytes;
    }
  };

  return {
    temporary: () => join(temporaries, randomUUID()),
    async path(hash) {
      const path = fileOf(hash);
      const found = await stat(path).catch(() => null);
      if (found === null) return null;
      if (verified.get(hash) !== found.ino) {
        if ((await sha256OfFile(path)).hash !== hash) {
          await rm(path, { force: true });
          return null;
        }
        verified.set(hash, found.ino);
      }
      const now = new Date();
      await utimes(path, now, now);
      return path;
    },
    async bytes(hash) {
      const path = fileOf(hash);
      const content = await readFile(path).catch(() => null);
      if (content === null || sha256(content) === hash) return content;
      await rm(path, { force: true });
      return null;
    },
    async adopt(from, hash) {
      const path = fileOf(hash);
      await mkdir(dirname(path), { recursive: true });
      await rename(from, path);
      verified.set(hash, (await stat(path)).ino);
      turn = turn.then(stale).catch(() => undefined);
      await turn;
      return path;
    },
  };
}
