import type { BlobStore } from '@mettle/blob-store';
import { MettleError, type EventInput, type EventRecord, type RawSegment, type TimeUs } from '@mettle/contracts';
import type { SourceIR } from '@mettle/feature-language';
import type { AppendLogOptions } from '../append/append-log.ts';
import { readPiece } from '../append/lines.ts';
import { sealToBlobs } from '../append/seal.ts';
import { indexKey } from '../index-store/key.ts';
import { openIndexedLog } from '../index-store/indexed-log.ts';
import { wallClock } from '../index-store/wall-clock.ts';
import { checkInput, checkSuccessor, eventSource, partsOf, payloadOf, type EventSource, type Parts, type Payload } from './event-source.ts';

export type EventLogOptions = AppendLogOptions & {
  readonly blobs: BlobStore;
  readonly sources: readonly SourceIR[];
  /** Wall time in µs; for tests. */
  readonly now?: () => TimeUs;
};

export type EventLog = {
  /** All or none; idempotent; a source may gain columns. @throws MettleError ALREADY_EXISTS when its meaning would change */
  register(...sources: readonly SourceIR[]): void;
  sources(): readonly SourceIR[];
  /**
   * Checks, deduplicates, resolves corrections and appends: all inputs or none. `records` are the new ones in order of
   * sequence; `position` is the last sequence of the partition.
   * @throws MettleError UNKNOWN_SOURCE, MISSING_KNOWN_AT, CONFLICTING_EVENT, INVALID_INPUT and those of a value that does not fit
   */
  append(source: string, inputs: readonly EventInput[]): Promise<{ records: EventRecord[]; duplicates: number; position: number }>;
  /** Records in order of sequence: from `raws` (sealed, in the blob store) and then what is still here. */
  replay(fromSequence: number, raws?: readonly RawSegment[]): AsyncGenerator<EventRecord>;
  seal(): Promise<RawSegment[]>;
  forget(hashes: readonly string[]): Promise<void>;
  readonly last: number;
  close(): Promise<void>;
};

const PARTITION = 0;

/** The latest revision of an event. */
type Entry = readonly [revision: number, asserted: boolean, payload: Payload];

/**
 * Opens partition 0 of the event log. knownAt never decreases within a source: on the event clock it is the source's
 * greatest publishedAt so far, so that sources may be imported one after another; on the wall clock it strictly increases.
 * @throws MettleError CORRUPT_LOG
 */
export async function openEventLog({ dir, durability, blobs, sources, now }: EventLogOptions): Promise<EventLog> {
  const registered = new Map<string, EventSource>();
  const register = (...given: readonly SourceIR[]): void => {
    const next = new Map(registered);
    for (const ir of given) {
      const known = next.get(ir.name);
      if (known !== undefined) checkSuccessor(known.ir, ir);
      next.set(ir.name, eventSource(ir));
    }
    for (const [name, source] of next) registered.set(name, source);
  };
  register(...sources);

  const log = await openIndexedLog<EventRecord, Entry>({
    dir,
    durability,
    fold: (record) => ({
      key: indexKey(record.source, record.eventId),
      entry: [record.revision, record.op === 'assert', payloadOf(record)],
      clock: record.source,
      knownAt: record.knownAt,
    }),
  });
  const wall = wallClock(now);

  return {
    register,
    sources: () => [...registered.values()].map(({ ir }) => ir),
    async append(name, inputs) {
      const source = registered.get(name);
      if (source === undefined) throw new MettleError('UNKNOWN_SOURCE', `no source ${name}`, { source: name });
      // Nothing below awaits before the append: sequences, revisions and knownAt are given in one turn.
      const checked = inputs.map((input) => checkInput(source, input));
      const staged = new Map<string, Entry>();
      const records: EventRecord[] = [];
      let duplicates = 0;
      let sequence = log.last;
      let knownAt = log.knownAt(name);

      inputs.forEach((input, i) => {
        const { eventId } = input;
        const parts = checked[i]!;
        const payload = payloadOf(parts);
        const key = indexKey(name, eventId);
        const latest = staged.get(key) ?? log.get(key);
        const push = (op: EventRecord['op'], revision: number, { keys, values, eventTime }: Parts, text: Payload): void => {
          sequence += 1;
          records.push({ v: 1, eventId, source: name, schema: source.hash, keys, values, eventTime, publishedAt: input.publishedAt ?? null, knownAt, partition: PARTITION, sequence, revision, op });
          staged.set(key, [revision, op === 'assert', text]);
        };
        const tick = (): void => {
          knownAt = source.ir.clock === 'wall' ? wall(knownAt) : Math.max(knownAt, input.publishedAt!);
        };

        if (latest === undefined) {
          if (input.retract) throw new MettleError('INVALID_INPUT', `event ${eventId} of ${name} was never pushed: nothing to retract`, { source: name, eventId });
          tick();
          push('assert', 0, parts, payload);
          return;
        }
        const [revision, asserted, before] = latest;
        const repeated = input.retract ? !asserted : asserted && payload === before;
        if (repeated) {
          duplicates += 1;
          return;
        }
        const known = partsOf(before);
        const oldKeys = JSON.stringify(known.keys);
        if (JSON.stringify(parts.keys) !== oldKeys) {
          throw new MettleError('CONFLICTING_EVENT', `event ${eventId} of ${name} is known with other keys`, { source: name, eventId, known: oldKeys });
        }
        tick();
        if (asserted) push('retract', revision, known, before);
        if (!input.retract) push('assert', revision + 1, parts, payload);
      });

      await log.append(records);
      return { records, duplicates, position: sequence };
    },
    async *replay(fromSequence, raws = []) {
      let next = fromSequence;
      for (const raw of [...raws].sort((a, b) => a.sequences.from - b.sequences.from)) {
        if (raw.log !== 'events' || raw.sequences.to < next) continue;
        for (const record of readPiece<EventRecord>(await blobs.get(raw.hash))) {
          if (record.sequence < next) continue;
          next = record.sequence + 1;
          yield record;
        }
      }
      yield* log.read(next);
    },
    seal: () => sealToBlobs(log, blobs, { log: 'events', writer: `p${PARTITION}` }),
    async forget(hashes) {
      for (const hash of hashes) await log.forget(hash);
    },
    get last() {
      return log.last;
    },
    close: () => log.close(),
  };
}
