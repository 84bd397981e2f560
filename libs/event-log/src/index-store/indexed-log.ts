import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from 'lmdb';
import { MettleError, type TimeUs } from '@mettle/contracts';
import { openAppendLog, type AppendLog, type AppendLogOptions } from '../append/append-log.ts';

/** What a record leaves in the index. */
export type Indexed<E> = { readonly key: string; readonly entry: E; readonly clock: string; readonly knownAt: TimeUs };

/**
 * An append log with an index by key, for deduplication. The log is the truth; the index trails it and never leads it:
 * entries become visible to `get` with the append, reach the index file once the log is written, those of one turn of the
 * event loop together, and are replayed from the log when a crash came between.
 */
export type IndexedLog<R, E> = Pick<AppendLog<R>, 'last' | 'read' | 'seal' | 'forget'> & {
  /** The latest entry of a key, as of everything appended. */
  get(key: string): E | undefined;
  /** The greatest knownAt given on a clock; -Infinity before the first. */
  knownAt(clock: string): TimeUs;
  append(records: readonly R[]): Promise<{ from: number; to: number }>;
  close(): Promise<void>;
};

type Options<R, E> = AppendLogOptions & {
  /** Pure; the same function feeds the index live and from a replay. */
  readonly fold: (record: R) => Indexed<E>;
};

type Folded<E> = Indexed<E> & { readonly sequence: number };
type Stored<E> = readonly [sequence: number, entry: E];

/** @throws MettleError CORRUPT_LOG when the log is damaged, or lost records that the index holds and cannot undo */
export async function openIndexedLog<R extends object & { readonly sequence: number }, E>({ dir, durability, fold }: Options<R, E>): Promise<IndexedLog<R, E>> {
  await mkdir(dir, { recursive: true });
  const log = await openAppendLog<R>({ dir: join(dir, 'log'), durability });
  const root = open({ path: join(dir, 'index'), noSync: durability === 'process', maxDbs: 4 });
  const entries = root.openDB<Stored<E>, string>({ name: 'entries' });
  const meta = root.openDB<number, string>({ name: 'meta' });

  /** Appended and maybe not in the index file yet: reads look here first. */
  const fresh = new Map<string, Stored<E>>();
  const clocks = new Map<string, TimeUs>();
  for (const { key, value } of meta.getRange({ start: 'clock:', end: 'clock;' })) clocks.set(key.slice('clock:'.length), value);

  const folded = (records: readonly R[]): Folded<E>[] => records.map((record) => ({ sequence: record.sequence, ...fold(record) }));
  const note = (items: readonly Folded<E>[]): void => {
    for (const { key, entry, clock, knownAt, sequence } of items) {
      fresh.set(key, [sequence, entry]);
      clocks.set(clock, knownAt);
    }
  };
  const settle = (items: readonly Folded<E>[]): void => {
    root.transactionSync(() => {
      const moved = new Map<string, TimeUs>();
      for (const { key, entry, clock, knownAt, sequence } of items) {
        entries.putSync(key, [sequence, entry]);
        moved.set(clock, knownAt);
      }
      for (const [clock, knownAt] of moved) meta.putSync(`clock:${clock}`, knownAt);
      meta.putSync('position', items[items.length - 1]!.sequence);
    });
    for (const { key, sequence } of items) if (fresh.get(key)?.[0] === sequence) fresh.delete(key);
  };

  const position = meta.get('position') ?? 0;
  if (position > log.last) {
    // Only a lost disk write gets here. What was indexed beyond the log would swallow the retry that repairs it.
    await root.close();
    await log.close();
    throw new MettleError('CORRUPT_LOG', `${dir}: the log ends before its index`, { log: log.last, index: position });
  }
  let batch: R[] = [];
  for await (const record of log.read(position + 1)) {
    batch.push(record);
    if (batch.length === 5000) {
      settle(folded(batch));
      batch = [];
    }
  }
  if (batch.length > 0) settle(folded(batch));
  for (const { key, value } of meta.getRange({ start: 'clock:', end: 'clock;' })) clocks.set(key.slice('clock:'.length), value);

  /** Written to the log and not to the index file yet, in order. */
  let trailing: Folded<E>[] = [];
  const catchUp = (): void => {
    if (trailing.length === 0) return;
    const items = trailing;
    trailing = [];
    settle(items);
  };
  const trail = (items: readonly Folded<E>[]): void => {
    if (trailing.length === 0) setImmediate(catchUp);
    trailing = trailing.concat(items);
  };

  return {
    get last() {
      return log.last;
    },
    read: (from) => log.read(from),
    async seal() {
      const pieces = await log.seal();
      // A piece may be forgotten next: the index must hold its records for good by then.
      catchUp();
      if (durability === 'disk') await root.flushed;
      return pieces;
    },
    forget: (hash) => log.forget(hash),
    get: (key) => (fresh.get(key) ?? entries.get(key))?.[1],
    knownAt: (clock) => clocks.get(clock) ?? Number.NEGATIVE_INFINITY,
    async append(records) {
      if (records.length === 0) return log.append(records);
      const items = folded(records);
      note(items);
      const given = await log.append(records);
      trail(items);
      return given;
    },
    async close() {
      await log.close();
      catchUp();
      await root.close();
    },
  };
}
