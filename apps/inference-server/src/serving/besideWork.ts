import type { ServedEntry } from '../log/predictionLog.ts';
import type { Serving } from './serving.ts';

/** A served request whose other versions are still to be scored. */
export interface BesideJob {
  readonly entry: ServedEntry;
  readonly serving: Serving;
  /** The entry beside it is in the log, or could not be written. */
  readonly done: (error: unknown) => void;
}

/** Work that follows responses, oldest first; what waits together is done together. */
export interface BesideWork {
  add(job: BesideJob): void;
  /** Rows that wait. */
  readonly backlog: number;
}

/** Requests of one batch. */
const BATCH = 32;

/** @param work scores and logs requests of one table */
export function createBesideWork(work: (serving: Serving, entries: readonly ServedEntry[]) => Promise<void>): BesideWork {
  let queue: BesideJob[] = [];
  let backlog = 0;
  let running = false;

  const run = async (): Promise<void> => {
    running = true;
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const { serving } = first;
      let size = 1;
      while (size < Math.min(queue.length, BATCH) && queue[size]?.serving === serving) size += 1;
      const batch = queue.slice(0, size);
      queue = queue.slice(size);
      let error: unknown = null;
      try {
        await work(serving, batch.map(({ entry }) => entry));
      } catch (cause) {
        error = cause;
      }
      for (const { entry, done } of batch) {
        backlog -= entry.rows.length;
        done(error);
      }
    }
    running = false;
  };
  return {
    add(job) {
      queue.push(job);
      backlog += job.entry.rows.length;
      // After the response: the event loop writes it first.
      if (!running) {
        running = true;
        setImmediate(() => void run());
      }
    },
    get backlog() {
      return backlog;
    },
  };
}
