import { setTimeout as sleep } from 'node:timers/promises';
import { isMettleError } from '@mettle/contracts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Repeats an attempt that finds something UNAVAILABLE, with pauses that grow to two seconds: what a process needs may be
 * starting too.
 * @param seconds after which the last failure is thrown; any other failure is thrown at once
 * @param onFirstFailure hears once what is waited for
 */
export async function within<T>(seconds: number, attempt: () => Promise<T>, onFirstFailure: (error: unknown) => void = () => undefined): Promise<T> {
  const until = performance.now() + seconds * 1_000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      const left = until - performance.now();
      if (!isMettleError(error) || error.code !== 'UNAVAILABLE' || left <= 0) throw error;
      if (pause === FIRST_PAUSE_MS) onFirstFailure(error);
      await sleep(Math.min(pause, left));
    }
  }
}
