import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import pino from 'pino';
import { MettleError, settingsOf } from '@mettle/contracts';
import { openBlobStore } from '@mettle/blob-store';
import { createControlActivities, createLifecycleClient, loadChannels, persistently, remoteControlPlane } from '@mettle/lifecycle-activities';
import { openMetadataDb } from '@mettle/metadata-db';
import { createRegistry } from '@mettle/registry';
import { ensureSearchAttributes } from './searchAttributes.ts';
import { startControlWorker } from './controlWorker.ts';

// A lifecycle worker of its own, for a scaled-out topology: the gateway keeps the logs and the route feed, this process
// asks it for them.
const settings = settingsOf(process.env);
const log = pino({ level: settings.METTLE_LOG_LEVEL, name: 'lifecycle-worker' });
Runtime.install({ logger: new DefaultLogger('WARN') });
if (settings.METTLE_DATABASE_URL === undefined) throw new MettleError('INVALID_INPUT', 'METTLE_DATABASE_URL must name a PostgreSQL that the gateway uses too', { field: 'METTLE_DATABASE_URL' });

const home = resolve(settings.METTLE_HOME);
const token = readFileSync(settings.METTLE_TOKEN_FILE ?? join(home, 'token'), 'utf8').trim();
const blobs = openBlobStore(settings.METTLE_BLOB_URL ?? join(home, 'blobs'), { durability: settings.METTLE_DURABILITY, cache: join(home, 'blob-cache') });
const db = await persistently(() => openMetadataDb(settings.METTLE_DATABASE_URL ?? ''), (error) => log.info({ error: String(error) }, 'waits for the database'));
const registry = createRegistry({ db, blobs, now: () => Date.now() * 1000 });
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const options = { address: `127.0.0.1:${settings.METTLE_TEMPORAL_PORT}`, ...connectionOptions };
const waits = (error: unknown): void => log.info({ error: String(error) }, 'waits for Temporal');
const connection = await persistently(() => NativeConnection.connect(options), waits);
const client = new Client({ connection: await persistently(() => Connection.connect(options), waits), namespace });
await ensureSearchAttributes(client.connection, namespace);

const plane = remoteControlPlane(process.env['METTLE_GATEWAY_URL'] ?? `http://127.0.0.1:${settings.METTLE_GATEWAY_PORT}`, token);
const activities = createControlActivities({ db, registry, blobs, plane, client: createLifecycleClient(client), channels: loadChannels(process.env) });
const worker = await startControlWorker({ connection, namespace, activities });
log.info('running workflows');

const stop = (): void => void worker.stop().catch((error: unknown) => log.warn({ error: String(error) }, 'did not stop in order'));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);
await worker.stopped.then(() => process.exit(0), (error: unknown) => {
  log.fatal({ error: String(error) }, 'the worker ended');
  process.exit(1);
});
