import { isDeepStrictEqual } from 'node:util';
import type { BlobStore } from '@mettle/blob-store';
import { canonicalJson, MettleError, type LabelInput, type LabelRecord, type LabelTarget, type RawSegment, type TimeUs } from '@mettle/contracts';
import type { AppendLogOptions } from '../append/append-log.ts';
import { sealToBlobs } from '../append/seal.ts';
import { indexKey } from '../index-store/key.ts';
import { openIndexedLog } from '../index-store/indexed-log.ts';
import { wallClock } from '../index-store/wall-clock.ts';

export type LabelLogOptions = AppendLogOptions & { readonly blobs: BlobStore; readonly now?: () => TimeUs };

export type LabelLog = {
  /**
   * All or none. The same revision with the same value is a duplicate, a higher revision corrects, a lower one is ignored.
   * @throws MettleError CONFLICTING_LABEL, LABEL_BEFORE_PREDICTION, MISSING_KNOWN_AT, NOT_A_NUMBER
   */
  append(inputs: readonly LabelInput[], clock: 'event' | 'wall'): Promise<{ accepted: number; duplicates: number; records: LabelRecord[]; position: number }>;
  read(fromSequence: number): AsyncGenerator<LabelRecord>;
  seal(): Promise<RawSegment[]>;
  forget(hashes: readonly string[]): Promise<void>;
  readonly last: number;
  close(): Promise<void>;
};

type Entry = readonly [revision: number, value: number, eventTime: TimeUs, target: string];

const textOf = (target: LabelTarget): string => ('predictionId' in target ? target.predictionId : canonicalJson(target));

function check(input: LabelInput, clock: 'event' | 'wall'): void {
  const { labelId, target, value, eventTime } = input;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new MettleError('NOT_A_NUMBER', `label ${labelId} is not a finite number`, { labelId });
  if ('at' in target && eventTime < target.at) {
    throw new MettleError('LABEL_BEFORE_PREDICTION', `the outcome of label ${labelId} precedes its prediction`, { labelId, eventTime, at: target.at });
  }
  if (clock === 'event' && (input.publishedAt === null || input.publishedAt === undefined)) {
    throw new MettleError('MISSING_KNOWN_AT', `label ${labelId} does not say when it was known`, { labelId });
  }
}

/** Opens the log of ground truth. knownAt: as for events, with a clock per label source. @throws MettleError CORRUPT_LOG */
export async function openLabelLog({ dir, durability, blobs, now }: LabelLogOptions): Promise<LabelLog> {
  const keyOf = (labelId: string): string => indexKey('label', labelId);
  const log = await openIndexedLog<LabelRecord, Entry>({
    dir,
    durability,
    fold: (record) => ({
      key: keyOf(record.labelId),
      entry: [record.revision, record.value, record.eventTime, textOf(record.target)],
      clock: record.source,
      knownAt: record.knownAt,
    }),
  });
  const wall = wallClock(now);

  return {
    async append(inputs, clock) {
      for (const input of inputs) check(input, clock);
      const staged = new Map<string, Entry>();
      const times = new Map<string, TimeUs>();
      const records: LabelRecord[] = [];
      let duplicates = 0;
      let sequence = log.last;
      for (const { labelId, target, value, revision, eventTime, publishedAt, source } of inputs) {
        const key = keyOf(labelId);
        const latest = staged.get(key) ?? log.get(key);
        const text = textOf(target);
        if (latest !== undefined) {
          const [known, knownValue, knownTime, knownTarget] = latest;
          if (knownTarget !== text) throw new MettleError('CONFLICTING_LABEL', `label ${labelId} belongs to another prediction`, { labelId, known: knownTarget });
          if (revision === known && !isDeepStrictEqual([value, eventTime], [knownValue, knownTime])) {
            throw new MettleError('CONFLICTING_LABEL', `revision ${revision} of label ${labelId} is known with another value`, { labelId, revision, known: knownValue, value });
          }
          if (revision <= known) {
            duplicates += 1;
            continue;
          }
        }
        const last = times.get(source) ?? log.knownAt(source);
        const knownAt = clock === 'wall' ? wall(last) : Math.max(last, publishedAt!);
        times.set(source, knownAt);
        staged.set(key, [revision, value, eventTime, text]);
        sequence += 1;
        records.push({ v: 1, labelId, target, value, revision, eventTime, knownAt, sequence, source });
      }
      await log.append(records);
      return { accepted: records.length, duplicates, records, position: sequence };
    },
    read: (from) => log.read(from),
    seal: () => sealToBlobs(log, blobs, { log: 'labels', writer: 'p0' }),
    async forget(hashes) {
      for (const hash of hashes) await log.forget(hash);
    },
    get last() {
      return log.last;
    },
    close: () => log.close(),
  };
}
