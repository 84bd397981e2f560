import { join, resolve } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import pino from 'pino';
import { settingsOf } from '@mettle/contracts';
import { openBlobStore } from '@mettle/blob-store';
import { openDuckDB } from '@mettle/duckdb';
import { createComputeActivities, persistently } from '@mettle/lifecycle-activities';
import { loadTrainers } from '@mettle/training';
import { startComputeWorker } from './computeWorker.ts';

const settings = settingsOf(process.env);
const log = pino({ level: settings.METTLE_LOG_LEVEL, name: 'compute-worker' });
Runtime.install({ logger: new DefaultLogger('WARN') });

const home = resolve(settings.METTLE_HOME);
const folder = join(home, 'compute', process.env['METTLE_WORKER'] ?? 'compute-0');
const blobs = openBlobStore(settings.METTLE_BLOB_URL ?? join(home, 'blobs'), { durability: settings.METTLE_DURABILITY, cache: join(home, 'blob-cache') });
const db = await openDuckDB({ tempDirectory: join(folder, 'spill') });
const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await persistently(
  () => NativeConnection.connect({ address: `127.0.0.1:${settings.METTLE_TEMPORAL_PORT}`, ...connectionOptions }),
  (error) => log.info({ error: String(error) }, 'waits for Temporal'),
);
const worker = await startComputeWorker({ connection, ...(namespace === undefined ? {} : { namespace }), activities: createComputeActivities({ blobs, db, home: folder, trainers: loadTrainers() }) });
log.info('computing');

const stop = (): void => void worker.stop().catch((error: unknown) => log.warn({ error: String(error) }, 'did not stop in order'));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);
await worker.stopped.then(() => process.exit(0), (error: unknown) => {
  log.fatal({ error: String(error) }, 'the worker ended');
  process.exit(1);
});
