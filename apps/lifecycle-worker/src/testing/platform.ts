import { NativeConnection, Worker } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { COMPUTE_QUEUE } from '@mettle/contracts';
import { activityInterceptor, createLifecycleClient } from '@mettle/lifecycle-activities';
import { openTemporal, workflowBundle } from '@mettle/testing';
import { startControlWorker } from '../controlWorker.ts';
import { createWorld, planOf, type World } from './world.ts';

/** Both workers on a dev server of their own, over a world in memory. */
export async function openPlatform(plan = planOf()) {
  const [temporal, bundle] = await Promise.all([openTemporal(), workflowBundle()]);
  const world = createWorld(plan);
  const client = createLifecycleClient(temporal.client);
  world.wire({ tick: client.tick, update: ({ decision }) => client.decide({ share: null, ...decision }) });
  const workers = await runWorkers(temporal, bundle, world);
  return {
    temporal, world, client, bundle,
    async close(): Promise<void> {
      await workers.stop();
      await temporal.teardown();
    },
  };
}
export type Platform = Awaited<ReturnType<typeof openPlatform>>;

export async function runWorkers(temporal: TestWorkflowEnvironment, bundle: string, world: World) {
  const connection = await NativeConnection.connect({ address: temporal.address });
  const control = await startControlWorker({ connection, activities: world.control, workflowBundle: bundle });
  const compute = await Worker.create({
    connection, taskQueue: COMPUTE_QUEUE, activities: { ...world.compute }, interceptors: { activity: [(context) => ({ inbound: activityInterceptor(context) })] }, shutdownGraceTime: '1s',
  });
  const computing = compute.run();
  return {
    async stop(): Promise<void> {
      compute.shutdown();
      await Promise.all([control.stop(), computing]);
      await connection.close();
    },
  };
}
