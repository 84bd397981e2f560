import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import pino from 'pino';
import type { Settings } from '@mettle/contracts';
import { connectTemporal, createControlActivities, loadChannels, reachingTemporal, temporalPlace } from '@mettle/lifecycle-activities';
import { ensureSearchAttributes, startControlWorker, type RunningWorker } from '@mettle/lifecycle-worker';
import { createComplaints, ownFolder, within } from '@mettle/process';
import { lockHome } from './platform/lock.ts';
import { openPlatform } from './platform/openPlatform.ts';
import { startGateway } from './startGateway.ts';

export interface RunningControl {
  readonly url: string;
  /** Rejects when the workflow worker could not go on, or another process has become the writer of the logs. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * The control process of the embedded topology: gateway and lifecycle worker over the rooms that only one process may
 * own. It serves before Temporal answers, and goes on through its outages.
 * @throws MettleError ALREADY_RUNNING | PORT_IN_USE | UNAUTHENTICATED
 */
export async function startControl(settings: Settings, env: NodeJS.ProcessEnv): Promise<RunningControl> {
  const logger = pino({ level: settings.METTLE_LOG_LEVEL, name: 'control' });
  const complain = createComplaints(logger);
  const place = temporalPlace(settings, env);
  const channels = loadChannels(env);
  const unlock = lockHome(join(ownFolder(settings.METTLE_HOME, 'METTLE_HOME'), 'run', 'control.lock'));
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end().catch((error: unknown) => logger.warn({ err: error }, 'a part did not stop'));
    unlock();
  };
  try {
    const { namespace } = place;
    const connection = Connection.lazy(place.options);
    ends.push(() => connection.close());
    const { platform, plane, lost, close } = await openPlatform({ settings, temporal: new Client({ connection, namespace }), logger });
    ends.push(close);
    const gateway = await startGateway(platform, plane);
    ends.push(() => gateway.stop());

    const activities = createControlActivities({ db: platform.db, registry: platform.registry, blobs: platform.blobs, plane, client: platform.workflows, channels });
    let stopping = false;
    let worker: RunningWorker | null = null;
    const failed = new Promise<never>((_, reject) => {
      const work = async (): Promise<void> => {
        // Pushes and reads need no Temporal: it is waited for as long as it takes, and /health says that it is away.
        const first = await within(Number.POSITIVE_INFINITY, () => connectTemporal(place), (error) => complain('no workflow runs here', error));
        await ensureSearchAttributes(first, namespace).finally(() => first.close());
        const native = await reachingTemporal(place, () => NativeConnection.connect(place.options));
        if (stopping) return native.close();
        worker = await startControlWorker({ connection: native, namespace, activities });
        ends.push(() => native.close(), () => worker?.stop() ?? Promise.resolve());
        logger.info('the workflow worker runs');
        await worker.stopped;
      };
      lost.catch(reject);
      work().catch((error: unknown) => (stopping ? undefined : reject(error instanceof Error ? error : new Error(String(error)))));
    });
    failed.catch(() => undefined);
    logger.info({ url: gateway.url }, 'serving');
    return { url: gateway.url, failed, stop: () => ((stopping = true), stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}
