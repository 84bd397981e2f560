import { createHash } from 'node:crypto';
import type { BlobStore } from '@mettle/blob-store';
import { MettleError, type Keys, type ObservationInput, type RawSegment, type TimeUs, type Value } from '@mettle/contracts';
import type { AppendLogOptions } from '../append/append-log.ts';
import { sealToBlobs } from '../append/seal.ts';
import { openIndexedLog } from '../index-store/indexed-log.ts';

/** A row of history that is joined and trained on as if it had been predicted. */
export type ObservationRecord = {
  v: 1;
  predictionId: string;
  requestId: string;
  endpoint: string;
  keys: Keys;
  request: Readonly<Record<string, Value>>;
  at: TimeUs;
  sequence: number;
};

export type ObservationLogOptions = AppendLogOptions & { readonly blobs: BlobStore };

export type ObservationLog = {
  /** All or none; the same request id with the same body is a duplicate. @throws MettleError REQUEST_REUSED, NOT_A_NUMBER */
  append(endpoint: string, inputs: readonly ObservationInput[]): Promise<{ accepted: number; duplicates: number; position: number }>;
  read(fromSequence: number): AsyncGenerator<ObservationRecord>;
  seal(): Promise<RawSegment[]>;
  forget(hashes: readonly string[]): Promise<void>;
  readonly last: number;
  close(): Promise<void>;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Equals contracts' predictionIdOf(endpoint, requestId, 0), by Node's hash: an import makes one an observation. */
const predictionId = (endpoint: string, requestId: string): string => sha256(JSON.stringify([endpoint, requestId, 0]));

const sorted = (record: object): [string, unknown][] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
const bodyOf = ({ keys, request, at }: Pick<ObservationRecord, 'keys' | 'request' | 'at'>): string => sha256(JSON.stringify([sorted(keys), sorted(request), at])).slice(0, 32);

/** Opens the log of observations. @throws MettleError CORRUPT_LOG */
export async function openObservationLog({ dir, durability, blobs }: ObservationLogOptions): Promise<ObservationLog> {
  const log = await openIndexedLog<ObservationRecord, string>({
    dir,
    durability,
    fold: (record) => ({ key: record.predictionId, entry: bodyOf(record), clock: 'at', knownAt: record.at }),
  });

  return {
    async append(endpoint, inputs) {
      const staged = new Map<string, string>();
      const records: ObservationRecord[] = [];
      let duplicates = 0;
      let sequence = log.last;
      for (const { requestId, keys, request, at } of inputs) {
        for (const [name, value] of [...Object.entries(keys), ...Object.entries(request)]) {
          if (typeof value === 'number' && !Number.isFinite(value)) throw new MettleError('NOT_A_NUMBER', `${name} of observation ${requestId} is ${value}`, { requestId, field: name });
        }
        const record: ObservationRecord = { v: 1, predictionId: predictionId(endpoint, requestId), requestId, endpoint, keys, request, at, sequence: sequence + 1 };
        const body = bodyOf(record);
        const known = staged.get(record.predictionId) ?? log.get(record.predictionId);
        if (known === undefined) {
          staged.set(record.predictionId, body);
          records.push(record);
          sequence += 1;
        } else if (known === body) duplicates += 1;
        else throw new MettleError('REQUEST_REUSED', `request ${requestId} of ${endpoint} is known with another body`, { endpoint, requestId });
      }
      await log.append(records);
      return { accepted: records.length, duplicates, position: sequence };
    },
    read: (from) => log.read(from),
    seal: () => sealToBlobs(log, blobs, { log: 'observations', writer: 'p0' }),
    async forget(hashes) {
      for (const hash of hashes) await log.forget(hash);
    },
    get last() {
      return log.last;
    },
    close: () => log.close(),
  };
}
