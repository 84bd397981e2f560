import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats a call that is idempotent by its id until it succeeds, as a client of a platform that restarts must.
 * Errors that a repetition cannot mend (a 4xx) are thrown at once.
 */
export async function persist<T>(call: () => Promise<T>, isFinal: (error: unknown) => boolean, limitMs = 120_000): Promise<T> {
  const started = performance.now();
  for (let wait = 20; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await call();
    } catch (error) {
      if (isFinal(error) || performance.now() - started > limitMs) throw error;
      await sleep(wait);
    }
  }
}
