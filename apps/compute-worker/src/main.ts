import { join } from 'node:path';
import { NativeConnection, Runtime } from '@temporalio/worker';
import pino from 'pino';
import { openBlobStore } from '@mettle/blob-store';
import { openDuckDB } from '@mettle/duckdb';
import { connectTemporal, createComputeActivities, reachingTemporal, temporalLogger, temporalPlace } from '@mettle/lifecycle-activities';
import { createComplaints, ownFolder, runProcess, within } from '@mettle/process';
import { loadTrainers } from '@mettle/training';
import { startComputeWorker } from './computeWorker.ts';

await runProcess(async ({ settings, environment }) => {
  const log = pino({ level: settings.METTLE_LOG_LEVEL, name: 'compute-worker' });
  const complain = createComplaints(log);
  Runtime.install({ logger: temporalLogger(log) });
  const place = temporalPlace(settings, environment);
  const trainers = loadTrainers();

  const home = ownFolder(settings.METTLE_HOME, 'METTLE_HOME');
  const folder = join(home, 'compute', environment['METTLE_WORKER'] ?? 'compute-0');
  const blobs = openBlobStore(settings.METTLE_BLOB_URL ?? join(home, 'blobs'), { durability: settings.METTLE_DURABILITY, cache: join(home, 'blob-cache') });
  const patiently = <T>(what: string, attempt: () => Promise<T>): Promise<T> => within(settings.METTLE_PATIENCE, attempt, (error) => complain(`waits for ${what}`, error));
  await patiently('the blob store', () => blobs.check());
  await (await patiently('Temporal', () => connectTemporal(place))).close();
  const connection = await reachingTemporal(place, () => NativeConnection.connect(place.options));
  const db = await openDuckDB({ tempDirectory: join(folder, 'spill') });
  const worker = await startComputeWorker({ connection, namespace: place.namespace, activities: createComputeActivities({ blobs, db, home: folder, trainers }) });
  log.info('computing');
  return { stop: () => worker.stop(), ended: worker.stopped };
});
