import { z } from 'zod';
import { computeActivities } from '@mettle/contracts';
import { compute, local } from './activities.ts';
import { parsed } from './failures.ts';

/** Compute activities that a client may ask for by themselves: they read sealed data, and only `scoreRows` adds to it. */
export const RunnableCompute = z.enum(['score', 'scoreRows', 'servedLoss', 'auditParity', 'joinSnapshot', 'train', 'evaluateOffline']);
export type RunnableCompute = z.infer<typeof RunnableCompute>;

const ComputeRun = z.object({ activity: RunnableCompute, input: z.unknown() });
export type ComputeRun = z.input<typeof ComputeRun>;

/** Runs one compute activity durably and returns its result: batch scoring, which is logged, or the parity audit of a range. */
export async function runCompute(run: ComputeRun): Promise<unknown> {
  const { activity, input } = parsed(ComputeRun, run);
  const activities = compute(`${activity} for a client`) as Record<RunnableCompute, (input: unknown) => Promise<unknown>>;
  const result = await activities[activity](parsed(computeActivities[activity].input as z.ZodType, input));
  if (activity === 'scoreRows') {
    const { endpoint, segments } = result as z.output<typeof computeActivities.scoreRows.output>;
    await local('register what was scored').registerBatch({ key: `${endpoint}/batch`, endpoint, segments });
  }
  return result;
}
