import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { isMettleError } from '@mettle/contracts';
import { failureOf } from '@mettle/lifecycle';

/** Well below the shortest heartbeat timeout (3 s), so that one late beat costs nothing. */
const BEAT_MS = 800;
/** A defect is no outage: after this many attempts it fails for good instead of being tried for ever. */
const DEFECT_ATTEMPTS = 5;

/** What a bug throws, as against a network or a disk that is away. */
const isDefect = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || error instanceof SyntaxError || (error instanceof Error && error.name === 'ZodError');

/**
 * Around every activity: beats while it runs, and turns what it throws into a failure of the closed table.
 * @param options.leaveOnCancel a cancelled activity ends at once: for those that only wait for others
 */
export function activityInterceptor(context: Context, { leaveOnCancel = false }: { readonly leaveOnCancel?: boolean } = {}) {
  return {
    async execute<I>(input: I, next: (input: I) => Promise<unknown>): Promise<unknown> {
      const beat = context.info.isLocal ? null : setInterval(() => context.heartbeat(), BEAT_MS);
      try {
        return await (leaveOnCancel ? Promise.race([next(input), context.cancelled]) : next(input));
      } catch (error) {
        throw outwards(error, context.info.attempt);
      } finally {
        if (beat !== null) clearInterval(beat);
      }
    },
  };
}

function outwards(error: unknown, attempt: number): unknown {
  if (isMettleError(error)) return failureOf(error);
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (isDefect(error)) {
    const { message, stack } = error as Error;
    const final = attempt >= DEFECT_ATTEMPTS;
    return ApplicationFailure.create({ message, type: final ? 'INTERNAL' : 'Defect', nonRetryable: final, details: [{ stack: stack ?? '' }], cause: error as Error });
  }
  return error;
}
