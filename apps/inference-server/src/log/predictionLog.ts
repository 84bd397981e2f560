import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BlobStore } from '@mettle/blob-store';
import type { PredictionEntry, RawSegment } from '@mettle/contracts';
import { openAppendLog, sealToBlobs } from '@mettle/event-log';

export type BesideEntry = Extract<PredictionEntry, { kind: 'beside' }>;
/** A served line also carries the hash of its request, so that a reused id is told from a retry after a restart too. */
export type ServedEntry = Extract<PredictionEntry, { kind: 'served' }> & { readonly body: string };
export type Line = ServedEntry | BesideEntry;

/**
 * An endpoint's prediction log. Each request holds the gate open from before its first line until after its last, so a
 * sealed piece holds both halves of every prediction.
 */
export interface PredictionLog {
  /** Requests that were served and whose other arms were not scored when the log was opened, oldest first. */
  readonly unfinished: readonly ServedEntry[];
  /** Requests of the log when it was opened, oldest first. */
  readonly found: readonly { readonly requestId: string; readonly body: string; readonly sequence: number }[];
  /** The last of them; given once. */
  takeLast(): ServedEntry[];
  /** Waits while a seal waits for the requests under way; then this one is under way until `leave`. */
  enter(): Promise<void>;
  leave(): void;
  /** Durable when resolved. @returns the sequence of the first line */
  append(lines: readonly Line[]): Promise<number>;
  /** Predictions that are acknowledged and not sealed; after a restart, those of pieces that are not forgotten too. */
  readonly unsealed: number;
  /** A line of this log, while it is here. */
  at(sequence: number): Promise<Line | null>;
  /** All pieces that are not forgotten, the ones of before too. */
  seal(): Promise<RawSegment[]>;
  forget(hashes: readonly string[]): Promise<void>;
  /** Waits for the requests under way. */
  close(): Promise<void>;
}

const rowsOf = (line: Line): number => (line.kind === 'served' ? line.rows.length : 0);

/** Requests whose answers are at hand again after a restart, about 10 KB each until then. */
const LATEST = 5_000;

export async function openPredictionLog({ dir, durability, blobs, server }: { dir: string; durability: 'process' | 'disk'; blobs: BlobStore; server: string }): Promise<PredictionLog> {
  const log = await openAppendLog<Line>({ dir, durability });
  const served = new Map<string, { body: string; index: number }>();
  let latest: ServedEntry[] = [];
  const unfinished = new Map<string, ServedEntry>();
  let lines = 0;
  let unsealed = 0;
  for await (const line of log.read(1)) {
    if (line.kind === 'beside') unfinished.delete(line.requestId);
    else if (!served.has(line.requestId)) {
      served.set(line.requestId, { body: line.body, index: lines });
      latest.push(line);
      if (latest.length > 2 * LATEST) latest = latest.slice(-LATEST);
      unfinished.set(line.requestId, line);
    }
    lines += 1;
    unsealed += rowsOf(line);
  }
  const first = log.last - lines + 1;

  let underWay = 0;
  let idle: (() => void) | null = null;
  let gate: Promise<void> | null = null;
  const drained = (): Promise<void> => (underWay === 0 ? Promise.resolve() : new Promise((resolve) => (idle = resolve)));

  let busy: Promise<unknown> = Promise.resolve();
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const result = busy.then(work);
    busy = result.catch(() => undefined);
    return result;
  };
  const closeGate = (): (() => void) => {
    let open!: () => void;
    gate = new Promise((resolve) => (open = resolve));
    return () => {
      gate = null;
      open();
    };
  };

  return {
    unfinished: [...unfinished.values()],
    found: [...served].map(([requestId, { body, index }]) => ({ requestId, body, sequence: first + index })),
    takeLast() {
      const taken = latest.slice(-LATEST);
      latest = [];
      return taken;
    },
    async enter() {
      while (gate !== null) await gate;
      underWay += 1;
    },
    leave() {
      underWay -= 1;
      if (underWay === 0) idle?.();
    },
    get unsealed() {
      return unsealed;
    },
    async append(entries) {
      const { from } = await log.append(entries);
      for (const entry of entries) unsealed += rowsOf(entry);
      return from;
    },
    at: (sequence) =>
      exclusively(async () => {
        for await (const line of log.read(sequence)) return line;
        return null;
      }),
    seal: () =>
      exclusively(async () => {
        const open = closeGate();
        let sealing: Promise<RawSegment[]>;
        try {
          await drained();
          const held = unsealed;
          sealing = sealToBlobs(log, blobs, { log: 'predictions', writer: server }).then((pieces) => {
            unsealed -= held;
            return pieces;
          });
          // The log rotates in this turn, since nothing else holds it; packing takes longer, and requests need not wait for it.
          await Promise.race([sealing, nextTurn()]);
        } finally {
          open();
        }
        return sealing;
      }),
    forget: (hashes) =>
      exclusively(async () => {
        for (const hash of hashes) await log.forget(hash);
      }),
    close: () =>
      exclusively(async () => {
        closeGate();
        await drained();
        await log.close();
      }),
  };
}
