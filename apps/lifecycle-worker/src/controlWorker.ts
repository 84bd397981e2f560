import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { CONTROL_QUEUE, type ControlActivities } from '@mettle/contracts';
import { activityInterceptor } from '@mettle/lifecycle-activities';

export interface ControlWorkerDeps {
  readonly connection: NativeConnection;
  readonly namespace?: string;
  readonly activities: ControlActivities;
  /** Path of the workflow bundle; by default the one that tools/workflow-bundle made. */
  readonly workflowBundle?: string;
  /** Marks the worker's version in a cluster with worker versioning; a single install runs without. */
  readonly deployment?: { readonly name: string; readonly buildId: string };
}

export interface RunningWorker {
  /** Resolves when the worker has stopped; rejects when it could not go on. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

/** Runs the workflows and the short activities, in whatever process calls it. It outlives a restart of the Temporal server. */
export async function startControlWorker({ connection, namespace, activities, workflowBundle, deployment }: ControlWorkerDeps): Promise<RunningWorker> {
  const worker = await Worker.create({
    connection,
    namespace: namespace ?? 'default',
    taskQueue: CONTROL_QUEUE,
    workflowBundle: { codePath: workflowBundle ?? defaultBundle() },
    activities: { ...activities },
    interceptors: { activity: [(context) => ({ inbound: activityInterceptor(context, { leaveOnCancel: true }) })] },
    ...SHORT_STALLS,
    maxConcurrentActivityTaskExecutions: 40,
    ...(deployment === undefined ? {} : { workerDeploymentOptions: { useWorkerVersioning: true, version: { deploymentName: deployment.name, buildId: deployment.buildId }, defaultVersioningBehavior: 'AUTO_UPGRADE' as const } }),
  });
  return running(worker);
}

/** A killed worker's workflows go on elsewhere within seconds; a stopping one lets short activities end. */
const SHORT_STALLS = { stickyQueueScheduleToStartTimeout: '500ms', shutdownGraceTime: '1s', shutdownForceTime: '10s' } as const;

const defaultBundle = (): string => join(dirname(createRequire(import.meta.url).resolve('@mettle/lifecycle/package.json')), 'dist', 'workflow-bundle.js');

function running(worker: Worker): RunningWorker {
  const stopped = worker.run();
  return {
    stopped,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await stopped;
    },
  };
}
