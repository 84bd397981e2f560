import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import { COMPUTE_QUEUE, CONTROL_QUEUE, type ComputeActivities, type ControlActivities, type ErrorCode } from '@mettle/contracts';
import { FINAL_CODES } from './failures.ts';

/** Retries for ever what a retry may help; pauses are short because a killed worker is back in seconds. */
const retry = (final: readonly ErrorCode[]) => ({
  initialInterval: '200ms' as const,
  backoffCoefficient: 2,
  maximumInterval: '5s' as const,
  nonRetryableErrorTypes: [...final],
});

/** Activities beside the database that may take long. A worker that dies is noticed by its missing heartbeat. */
export const control = (summary: string, alsoFinal: readonly ErrorCode[] = [], within?: '24 hours') =>
  proxyActivities<ControlActivities>({
    taskQueue: CONTROL_QUEUE,
    startToCloseTimeout: '24 hours',
    ...(within === undefined ? {} : { scheduleToCloseTimeout: within }),
    heartbeatTimeout: '3s',
    retry: retry([...FINAL_CODES, ...alsoFinal]),
    summary,
  });

/** Short reads and writes of the database: run inside the workflow task, without a round trip through the server. */
export const local = (summary: string, alsoFinal: readonly ErrorCode[] = []) =>
  proxyLocalActivities<ControlActivities>({
    startToCloseTimeout: '15s',
    localRetryThreshold: '5s',
    retry: retry([...FINAL_CODES, ...alsoFinal]),
    summary,
  });

/** Activities over blobs. The heartbeat is wide enough for a scan that keeps a worker's event loop busy. */
export const compute = (summary: string) =>
  proxyActivities<ComputeActivities>({
    taskQueue: COMPUTE_QUEUE,
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '5s',
    retry: retry(FINAL_CODES),
    summary,
  });
