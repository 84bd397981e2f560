import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Remembers small results by a key, in a folder; a torn write is never seen. */
export async function remembered<T>(folder: string, key: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, `${key}.json`);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    const result = await work();
    await mkdir(folder, { recursive: true });
    const draft = `${path}.${randomUUID()}.new`;
    await writeFile(draft, JSON.stringify(result));
    await rename(draft, path);
    return result;
  }
}
