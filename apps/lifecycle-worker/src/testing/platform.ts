import { NativeConnection, Runtime, Worker, DefaultLogger } from '@temporalio/worker';
import { COMPUTE_QUEUE, type TimeUs, type WatermarkResult } from '@mettle/contracts';
import { activityInterceptor, createLifecycleClient } from '@mettle/lifecycle-activities';
import { openTemporal, workflowBundle } from '@mettle/testing';
import { startControlWorker } from '../controlWorker.ts';
import { createWorld, day, planOf, specOf, type PlanChange, type World } from './world.ts';

let logging = false;

/** Both workers on a dev server of their own; each scenario has an endpoint and a world in memory of its own. */
export async function openPlatform() {
  if (!logging) Runtime.install({ logger: new DefaultLogger('ERROR') });
  logging = true;
  const [temporal, bundle] = await Promise.all([openTemporal(), workflowBundle()]);
  const connection = await NativeConnection.connect({ address: temporal.address });
  const client = createLifecycleClient(temporal.client);
  let workers: { stop(): Promise<void> } | null = null;
  let count = 0;

  return {
    temporal, client, bundle, connection,
    /** A fresh endpoint; the scenario before has no workers any more. */
    async scenario(change: PlanChange = {}) {
      await workers?.stop();
      const world = createWorld(planOf(`flights${++count}`, change));
      world.wire({ tick: client.tick, advance: async (watermark) => ({ moved: (await client.advanceWatermark(world.endpoint, watermark)).watermark === watermark }), update: ({ decision }) => client.decide({ ...decision, share: decision.share ?? null }) });
      workers = await runWorkers(connection, bundle, world);
      const { endpoint } = world;
      return {
        world, client, endpoint,
        /** The workers of before are gone, and others come. */
        async restart(): Promise<void> {
          await workers?.stop();
          workers = await runWorkers(connection, bundle, world);
        },
        /** Steps day by day, through the last one. */
        async live(from: number, through: number): Promise<WatermarkResult> {
          let result = await client.advanceWatermark(endpoint, day(from));
          for (let n = from + 1; n <= through; n++) result = await client.advanceWatermark(endpoint, day(n));
          return result;
        },
        /** Deploys the first champion at day 0. */
        async begin(at: TimeUs = day(0)): Promise<void> {
          await client.advanceWatermark(endpoint, at);
          await client.launch(specOf(endpoint, 'first', { initial: true }));
        },
      };
    },
    async close(): Promise<void> {
      await workers?.stop();
      await connection.close();
      await temporal.teardown();
    },
  };
}
export type Platform = Awaited<ReturnType<typeof openPlatform>>;

async function runWorkers(connection: NativeConnection, bundle: string, world: World) {
  const control = await startControlWorker({ connection, activities: world.control, workflowBundle: bundle });
  const compute = await Worker.create({
    connection, taskQueue: COMPUTE_QUEUE, activities: { ...world.compute }, interceptors: { activity: [(context) => ({ inbound: activityInterceptor(context) })] }, shutdownGraceTime: '1s',
  });
  const computing = compute.run();
  return {
    async stop(): Promise<void> {
      compute.shutdown();
      await Promise.all([control.stop(), computing]);
    },
  };
}
