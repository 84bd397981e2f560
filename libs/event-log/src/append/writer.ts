import { fdatasync, write } from 'node:fs';
import { promisify } from 'node:util';
import { MettleError } from '@mettle/contracts';

const sync = promisify(fdatasync);

const writeAll = (fd: number, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const from = (offset: number): void =>
      write(fd, bytes, offset, bytes.length - offset, null, (error, written) => {
        if (error) reject(error);
        else if (offset + written < bytes.length) from(offset + written);
        else resolve();
      });
    from(0);
  });

/**
 * Group commit to one file: what is appended while a write is under way shares the next write, and, with durability
 * `disk`, one fdatasync. After a failed write nothing more is accepted: what the file holds is then unknown.
 */
export type Writer = {
  /** Resolves when the text is written (and synced). */
  append(text: string): Promise<void>;
  /** Resolves when everything appended so far is written. */
  drain(): Promise<void>;
  /** Bytes that are written. */
  readonly length: number;
};

export function createWriter(fd: number, length: number, durability: 'process' | 'disk'): Writer {
  let written = length;
  let waiting: { text: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let running: Promise<void> | null = null;
  let failure: MettleError | null = null;

  const run = async (): Promise<void> => {
    // One microtask of patience: appends made in the same turn share the first write.
    await null;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        if (failure !== null) throw failure;
        const bytes = Buffer.from(group.length === 1 ? group[0]!.text : group.map(({ text }) => text).join(''), 'utf8');
        await writeAll(fd, bytes);
        if (durability === 'disk') await sync(fd);
        written += bytes.length;
        for (const { resolve } of group) resolve();
      } catch (cause) {
        failure ??= new MettleError('UNAVAILABLE', 'the log cannot be written; it stays closed until it is opened again', { reason: String(cause).slice(0, 300) }, { cause });
        for (const { reject } of group) reject(failure);
      }
    }
    running = null;
  };

  return {
    append: (text) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ text, resolve, reject });
        running ??= run();
      }),
    async drain() {
      while (running !== null) await running;
      if (failure !== null) throw failure;
    },
    get length() {
      return written;
    },
  };
}
