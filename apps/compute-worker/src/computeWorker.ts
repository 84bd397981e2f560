import { Worker, type NativeConnection } from '@temporalio/worker';
import { COMPUTE_QUEUE, type ComputeActivities } from '@mettle/contracts';
import { activityInterceptor } from '@mettle/lifecycle-activities';

export interface ComputeWorkerDeps {
  readonly connection: NativeConnection;
  readonly namespace?: string;
  readonly activities: ComputeActivities;
  /** Activities at once; each may use the engine's threads, and a training its own two. */
  readonly slots?: number;
}

export interface RunningComputeWorker {
  /** Resolves when the worker has stopped. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

/** Runs the compute activities: blobs in, blobs out. It outlives a restart of the Temporal server. */
export async function startComputeWorker({ connection, namespace, activities, slots = 4 }: ComputeWorkerDeps): Promise<RunningComputeWorker> {
  const worker = await Worker.create({
    connection,
    namespace: namespace ?? 'default',
    taskQueue: COMPUTE_QUEUE,
    activities: { ...activities },
    interceptors: { activity: [(context) => ({ inbound: activityInterceptor(context) })] },
    maxConcurrentActivityTaskExecutions: slots,
    shutdownGraceTime: '1s',
    shutdownForceTime: '10s',
  });
  const stopped = worker.run();
  return {
    stopped,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await stopped;
    },
  };
}
