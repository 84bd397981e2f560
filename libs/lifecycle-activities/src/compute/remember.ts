import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '@mettle/contracts';

/** Runs an activity once an input: a repeated call, after a kill too, reads the first result. */
export function createMemory(home: string) {
  const folder = join(home, 'results');
  const made = mkdir(folder, { recursive: true });
  let temporary = 0;
  return async <I, O>(name: string, input: I, work: () => Promise<O>): Promise<O> => {
    await made;
    const path = join(folder, `${name}-${hashOf(input)}.json`);
    const known = await readFile(path, 'utf8').catch(() => null);
    if (known !== null) return JSON.parse(known) as O;
    const result = await work();
    const draft = `${path}.${process.pid}.${++temporary}`;
    await writeFile(draft, JSON.stringify(result));
    await rename(draft, path);
    return result;
  };
}
export type Memory = ReturnType<typeof createMemory>;
