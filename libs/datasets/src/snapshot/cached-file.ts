import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * A local file that is a pure function of its key. It appears whole or not at all, so workers may share the folder, and
 * anything in it may be deleted at any time between uses.
 */
export async function cachedFile(cacheDir: string, name: string, write: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(cacheDir, name);
  try {
    await access(path);
    return path;
  } catch {
    await mkdir(dirname(path), { recursive: true });
    const draft = `${path}.${randomUUID()}.new`;
    try {
      await write(draft);
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
    return path;
  }
}
