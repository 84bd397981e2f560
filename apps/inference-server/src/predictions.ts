import { join } from 'node:path';
import type { BlobStore } from '@mettle/blob-store';
import { type PredictionEntry, type RawSegment, type Settings } from '@mettle/contracts';
import { openAppendLog, sealToBlobs } from '@mettle/event-log';

export type ServedEntry = Extract<PredictionEntry, { kind: 'served' }>;
export type BesideEntry = Extract<PredictionEntry, { kind: 'beside' }>;
type BesideRows = BesideEntry['rows'];

/** Scores what the served arms did not, from the vectors that the entry holds. */
export type ScoreBeside = (entry: ServedEntry) => Promise<BesideRows>;

/** An endpoint's prediction log, and the answers that it can give again. */
export interface Predictions {
  /** The entry that answered this request id, if it is not sealed yet. */
  find(requestId: string): { entry: ServedEntry; body: string } | undefined;
  /** Durable when resolved; the other arms are scored afterwards. */
  append(entry: ServedEntry, body: string): Promise<void>;
  /** Waits until the other arms have scored everything appended so far. */
  settle(): Promise<void>;
  /** Waits for the other arms, then seals: a sealed piece holds both halves of every prediction. */
  seal(): Promise<RawSegment[]>;
  forget(hashes: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** A logged entry carries the hash of its request, so that a reused id is told from a retry after a restart too. */
type Line = (ServedEntry & { body: string }) | BesideEntry;

export async function openPredictions(options: {
  folder: string;
  endpoint: string;
  server: string;
  durability: Settings['METTLE_DURABILITY'];
  blobs: BlobStore;
  scoreBeside: ScoreBeside;
  onError: (error: unknown) => void;
}): Promise<Predictions> {
  const log = await openAppendLog<Line>({ dir: join(options.folder, options.endpoint), durability: options.durability });
  const answers = new Map<string, { entry: ServedEntry; body: string }>();
  const pending = new Map<string, ServedEntry>();
  for await (const line of log.read(1)) {
    if (line.kind === 'served') {
      answers.set(line.requestId, { entry: line, body: line.body });
      pending.set(line.requestId, line);
    } else pending.delete(line.requestId);
  }

  let gate: Promise<void> = Promise.resolve();
  let working: Promise<void> | null = null;
  /** Serves the queue of rows that other arms have yet to score, one request at a time. */
  const drain = (): Promise<void> => {
    working ??= (async () => {
      try {
        for (const [requestId, entry] of pending) {
          const rows = await options.scoreBeside(entry);
          await log.append([{ v: 1, kind: 'beside', endpoint: entry.endpoint, requestId, epoch: entry.epoch, rows }]);
          pending.delete(requestId);
        }
      } finally {
        working = null;
      }
    })();
    return working;
  };
  const background = (): void => void drain().catch(options.onError);
  if (pending.size > 0) background();

  const settle = async (): Promise<void> => {
    while (pending.size > 0) await drain();
  };

  return {
    settle,
    find: (requestId) => answers.get(requestId),
    async append(entry, body) {
      await gate;
      answers.set(entry.requestId, { entry, body });
      const durable = log.append([{ ...entry, body }]);
      try {
        await durable;
      } catch (error) {
        answers.delete(entry.requestId);
        throw error;
      }
      pending.set(entry.requestId, entry);
      setImmediate(background);
    },
    async seal() {
      let open!: () => void;
      const before = gate;
      gate = new Promise((resolve) => (open = resolve));
      try {
        await before;
        await settle();
        const sealed = await sealToBlobs(log, options.blobs, { log: 'predictions', writer: options.server });
        answers.clear();
        return sealed;
      } finally {
        open();
      }
    },
    async forget(hashes) {
      for (const hash of hashes) await log.forget(hash);
    },
    async close() {
      await settle();
      await log.close();
    },
  };
}
