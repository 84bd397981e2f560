import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import pino from 'pino';
import { MettleError } from '@mettle/contracts';
import { openBlobStore } from '@mettle/blob-store';
import { connectTemporal, createControlActivities, createLifecycleClient, loadChannels, reachingTemporal, remoteControlPlane, temporalLogger, temporalPlace } from '@mettle/lifecycle-activities';
import { openMetadataDb } from '@mettle/metadata-db';
import { createComplaints, gatewayAddress, ownFolder, readTokens, runProcess, showToken, within } from '@mettle/process';
import { createRegistry } from '@mettle/registry';
import { startControlWorker } from './controlWorker.ts';
import { ensureSearchAttributes } from './searchAttributes.ts';

// A lifecycle worker of its own, for a scaled-out topology: the gateway keeps the logs and the route feed, this process
// asks it for them.
await runProcess(async ({ settings, environment }) => {
  const log = pino({ level: settings.METTLE_LOG_LEVEL, name: 'lifecycle-worker' });
  const complain = createComplaints(log);
  Runtime.install({ logger: temporalLogger(log) });
  const database = settings.METTLE_DATABASE_URL;
  if (database === undefined) throw new MettleError('INVALID_INPUT', 'METTLE_DATABASE_URL is not set: it must name the PostgreSQL of the gateway', { setting: 'METTLE_DATABASE_URL' });
  const home = ownFolder(settings.METTLE_HOME, 'METTLE_HOME');
  const { own: token } = readTokens(settings.METTLE_TOKEN_FILE ?? join(home, 'token'));
  const gateway = gatewayAddress(environment['METTLE_GATEWAY_URL'] ?? `http://127.0.0.1:${settings.METTLE_GATEWAY_PORT}`);
  const place = temporalPlace(settings, environment);
  const channels = loadChannels(environment);

  const patiently = <T>(what: string, attempt: () => Promise<T>): Promise<T> => within(settings.METTLE_PATIENCE, attempt, (error) => complain(`waits for ${what}`, error));
  if (!(await showToken(gateway, token))) log.warn({ gateway }, 'the gateway does not answer yet: steps that need its logs wait for it');
  const blobs = openBlobStore(settings.METTLE_BLOB_URL ?? join(home, 'blobs'), { durability: settings.METTLE_DURABILITY, cache: join(home, 'blob-cache') });
  await patiently('the blob store', () => blobs.check());
  const db = await patiently('the database', () => openMetadataDb(database));
  const registry = createRegistry({ db, blobs, now: () => Date.now() * 1000 });
  const client = new Client({ connection: await patiently('Temporal', () => connectTemporal(place)), namespace: place.namespace });
  await ensureSearchAttributes(client.connection, place.namespace);
  const connection = await reachingTemporal(place, () => NativeConnection.connect(place.options));

  const activities = createControlActivities({ db, registry, blobs, plane: remoteControlPlane(gateway, token), client: createLifecycleClient(client), channels });
  const worker = await startControlWorker({ connection, namespace: place.namespace, activities });
  log.info('running workflows');
  return { stop: () => worker.stop(), ended: worker.stopped };
});
