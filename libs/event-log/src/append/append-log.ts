import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, truncate, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MettleError } from '@mettle/contracts';
import { listFiles, openName, pieceName, rawName, removeLeftovers, syncPath } from './files.ts';
import { frame, scan, withoutFrames } from './frame.ts';
import { packLines, parseLines } from './lines.ts';
import { createWriter, type Writer } from './writer.ts';

export type AppendLogOptions = {
  readonly dir: string;
  /** `process`: written before it is acknowledged (survives kill -9); `disk`: synced too (survives power loss). */
  readonly durability: 'process' | 'disk';
};

/** A rotated part of a log, gzip'd JSON lines, kept until it is forgotten. */
export type SealedPiece = {
  readonly hash: string;
  readonly bytes: number;
  readonly rows: number;
  readonly sequences: { readonly from: number; readonly to: number };
  content(): Promise<Buffer>;
};

/** An append-only log of JSON records numbered 1, 2, 3, ... without gaps, by one writer. */
export type AppendLog<T> = {
  /** All or nothing, also across a crash. The sequences are given at once, in the order of the calls; the promise says that the records are durable. */
  append(records: readonly object[]): Promise<{ from: number; to: number }>;
  /** The last sequence given. */
  readonly last: number;
  /** Records from a sequence on, as of the call: sealed pieces that are still here, then what is not sealed. */
  read(fromSequence: number): AsyncGenerator<T>;
  /** Rotates and packs; returns every piece not yet forgotten, oldest first, with the same hashes at each call. */
  seal(): Promise<SealedPiece[]>;
  /** Deletes a sealed piece: its content is registered elsewhere. Unknown hashes are ignored. */
  forget(hash: string): Promise<void>;
  close(): Promise<void>;
};

type Active = { readonly from: number; readonly path: string; readonly handle: FileHandle; readonly writer: Writer };

/** Reads a log file's records. @throws MettleError CORRUPT_LOG when a record before the tail fails its checksum */
function checked(path: string, bytes: Buffer): ReturnType<typeof scan> {
  const found = scan(bytes);
  if (found.corruptAt !== null) throw new MettleError('CORRUPT_LOG', `a record of ${path} fails its checksum`, { path, offset: found.corruptAt, record: found.spans.length + 1 });
  return found;
}

/**
 * Opens a log and repairs what a crash left: a torn tail is truncated, a rotation or packing under way is finished at the
 * next seal. One process at a time may hold a log.
 * @throws MettleError CORRUPT_LOG
 */
export async function openAppendLog<T = unknown>({ dir, durability }: AppendLogOptions): Promise<AppendLog<T>> {
  await mkdir(dir, { recursive: true });
  const syncDir = async (): Promise<void> => {
    if (durability === 'disk') await syncPath(dir);
  };

  const openFile = async (from: number): Promise<Active> => {
    const path = join(dir, openName(from));
    const handle = await open(path, 'a');
    await syncDir();
    const { size } = await handle.stat();
    return { from, path, handle, writer: createWriter(handle.fd, size, durability) };
  };

  await removeLeftovers(dir);
  let last = 0;
  let unsealed: { from: number; rows: number } | null = null;
  for (const file of await listFiles(dir)) {
    if (file.kind === 'open') {
      const bytes = await readFile(file.path);
      const { spans, length } = checked(file.path, bytes);
      if (length < bytes.length) await truncate(file.path, length);
      // A crash within a rotation leaves two open files; the older one is whole.
      if (unsealed !== null) await rename(join(dir, openName(unsealed.from)), join(dir, rawName(unsealed.from, file.from - 1)));
      unsealed = { from: file.from, rows: spans.length };
    } else last = Math.max(last, file.to);
  }
  if (unsealed !== null) last = unsealed.from - 1 + unsealed.rows;
  let active = await openFile(unsealed?.from ?? last + 1);

  let busy: Promise<unknown> = Promise.resolve();
  const exclusively = <R>(work: () => Promise<R>): Promise<R> => {
    const result = busy.then(work);
    busy = result.catch(() => undefined);
    return result;
  };

  /** While a rotation is under way, appends wait here in order. */
  let held: { text: string; resolve: () => void; reject: (error: unknown) => void }[] | null = null;
  const write = (text: string): Promise<void> =>
    held === null ? active.writer.append(text) : new Promise((resolve, reject) => held!.push({ text, resolve, reject }));

  async function rotate(): Promise<void> {
    if (last < active.from) return;
    const [old, to] = [active, last];
    held = [];
    try {
      await old.writer.drain();
      const next = await openFile(to + 1);
      try {
        await rename(old.path, join(dir, rawName(old.from, to)));
      } catch (error) {
        await next.handle.close();
        await rm(next.path, { force: true });
        throw error;
      }
      active = next;
    } finally {
      const waiting = held;
      held = null;
      for (const { text, resolve, reject } of waiting) active.writer.append(text).then(resolve, reject);
    }
    await old.handle.close();
    await syncDir();
  }

  async function pack(): Promise<void> {
    const all = await listFiles(dir);
    for (const file of all) {
      if (file.kind !== 'raw') continue;
      if (!all.some((other) => other.kind === 'piece' && other.from === file.from)) {
        const bytes = await readFile(file.path);
        const { spans, length } = checked(file.path, bytes);
        if (length !== bytes.length || spans.length !== file.to - file.from + 1) {
          throw new MettleError('CORRUPT_LOG', `${file.path} lacks records`, { path: file.path, found: spans.length, expected: file.to - file.from + 1 });
        }
        const packed = await packLines(withoutFrames(bytes, spans));
        const hash = createHash('sha256').update(packed).digest('hex');
        const target = join(dir, pieceName(file.from, file.to, hash));
        await writeFile(`${target}.new`, packed, durability === 'disk' ? { flush: true } : {});
        await rename(`${target}.new`, target);
        await syncDir();
      }
      await rm(file.path);
    }
  }

  async function pieces(): Promise<SealedPiece[]> {
    const found: SealedPiece[] = [];
    for (const file of await listFiles(dir)) {
      if (file.kind !== 'piece') continue;
      const { size } = await stat(file.path);
      found.push({ hash: file.hash, bytes: size, rows: file.to - file.from + 1, sequences: { from: file.from, to: file.to }, content: () => readFile(file.path) });
    }
    return found;
  }

  return {
    append(records) {
      const first = last + 1;
      if (records.length === 0) return Promise.resolve({ from: first, to: last });
      let text = '';
      for (let i = 0; i < records.length; i += 1) text += frame(JSON.stringify(records[i]), i < records.length - 1);
      last += records.length;
      const to = last;
      return write(text).then(() => ({ from: first, to }));
    },
    get last() {
      return last;
    },
    async *read(fromSequence) {
      // Under the lock: no file is rotated or packed away between listing and reading.
      const buffers = await exclusively(async () => {
        const found: { from: number; load: () => Buffer }[] = [];
        for (const file of await listFiles(dir)) {
          if (file.kind !== 'open' && file.to < fromSequence) continue;
          if (file.kind === 'open') {
            await active.writer.drain();
            const end = active.writer.length;
            const bytes = (await readFile(file.path)).subarray(0, end);
            found.push({ from: file.from, load: () => withoutFrames(bytes, checked(file.path, bytes).spans) });
          } else {
            const bytes = await readFile(file.path);
            found.push({ from: file.from, load: () => (file.kind === 'piece' ? gunzipSync(bytes) : withoutFrames(bytes, checked(file.path, bytes).spans)) });
          }
        }
        return found;
      });
      for (const { from: first, load } of buffers.sort((a, b) => a.from - b.from)) {
        const records = parseLines<T>(load());
        for (let i = Math.max(0, fromSequence - first); i < records.length; i += 1) yield records[i]!;
      }
    },
    seal: () =>
      exclusively(async () => {
        await rotate();
        await pack();
        return pieces();
      }),
    forget: (hash) =>
      exclusively(async () => {
        for (const file of await listFiles(dir)) if (file.kind === 'piece' && file.hash === hash) await rm(file.path);
      }),
    close: () =>
      exclusively(async () => {
        await active.writer.drain().catch(() => undefined);
        await active.handle.close();
      }),
  };
}
