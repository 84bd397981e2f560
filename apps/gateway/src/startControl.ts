import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import pino from 'pino';
import type { Settings } from '@mettle/contracts';
import { createControlActivities, loadChannels, persistently } from '@mettle/lifecycle-activities';
import { startControlWorker, type RunningWorker } from '@mettle/lifecycle-worker';
import { lockHome } from './platform/lock.ts';
import { openPlatform } from './platform/openPlatform.ts';
import { startGateway } from './startGateway.ts';

export interface RunningControl {
  readonly url: string;
  /** Rejects when the workflow worker could not go on. */
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
  const unlock = lockHome(join(resolve(settings.METTLE_HOME), 'run', 'control.lock'));
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end().catch((error: unknown) => logger.warn({ err: error }, 'a part did not stop'));
    unlock();
  };
  try {
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({ overrideEnvVars: { TEMPORAL_ADDRESS: `127.0.0.1:${settings.METTLE_TEMPORAL_PORT}`, ...env } as Record<string, string> });
    const connection = Connection.lazy(connectionOptions);
    ends.push(() => connection.close());
    const { platform, plane, close } = await openPlatform({ settings, temporal: new Client({ connection, namespace }), logger });
    ends.push(close);
    const gateway = await startGateway(platform, plane);
    ends.push(() => gateway.stop());

    const activities = createControlActivities({ db: platform.db, registry: platform.registry, blobs: platform.blobs, plane, client: platform.workflows, channels: loadChannels(env) });
    let stopping = false;
    let worker: RunningWorker | null = null;
    const failed = new Promise<never>((_, reject) => {
      const work = async (): Promise<void> => {
        const native = await persistently(() => NativeConnection.connect(connectionOptions), (error) => logger.debug({ err: error }, 'Temporal does not answer yet'));
        if (stopping) return native.close();
        worker = await startControlWorker({ connection: native, namespace, activities });
        ends.push(() => native.close(), () => worker?.stop() ?? Promise.resolve());
        logger.info('the workflow worker runs');
        await worker.stopped;
      };
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
