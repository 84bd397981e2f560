import { join, resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import pino, { type Logger } from 'pino';
import { labelSpaceOf, MettleError, type Settings } from '@mettle/contracts';
import { openBlobStore } from '@mettle/blob-store';
import { openEventLog, openLabelLog, openObservationLog } from '@mettle/event-log';
import { SourceIR } from '@mettle/feature-language';
import { openOnlineStore } from '@mettle/feature-store';
import { createControlPlane, createRouteHub, type ControlPlane } from '@mettle/lifecycle-activities';
import { openMetadataDb, sql } from '@mettle/metadata-db';
import { createComplaints, within } from '@mettle/process';
import { createRegistry } from '@mettle/registry';
import { isLoopback } from '../auth/guard.ts';
import { loadTokens } from '../auth/tokens.ts';
import { createDependencies } from './dependencies.ts';
import { createEngine } from './engine.ts';
import { createIngest } from './ingest.ts';
import { ownLogs } from './ownLogs.ts';
import type { Platform } from './platform.ts';
import { createRouteFeed } from './routeFeed.ts';
import { openServices } from './services.ts';
import { createSnapshotFiles } from './snapshotFiles.ts';
import { createWorkflows } from './workflows.ts';

export interface OpenPlatform {
  readonly platform: Platform;
  readonly plane: ControlPlane;
  /** Rejects when another process has become the writer of the logs: this one must end. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

export interface PlatformOptions {
  readonly settings: Settings;
  /** Over a connection that may be away: calls say so. */
  readonly temporal: Client;
  readonly logger?: Logger;
}

/** How often a lagging online store is looked after, ms. */
const TEND_MS = 2_000;

/**
 * Opens every room that the control process owns, and brings the online store up to the event log.
 * @throws MettleError UNAUTHENTICATED off loopback without configured tokens; ALREADY_RUNNING, LOGS_ELSEWHERE when another gateway owns the logs; UNAVAILABLE, CORRUPT_LOG as the rooms say
 */
export async function openPlatform({ settings, temporal, logger = pino({ level: settings.METTLE_LOG_LEVEL, name: 'control' }) }: PlatformOptions): Promise<OpenPlatform> {
  const home = resolve(settings.METTLE_HOME);
  if (!isLoopback(settings.METTLE_HOST) && settings.METTLE_TOKEN_FILE === undefined) {
    throw new MettleError('UNAUTHENTICATED', `METTLE_HOST is ${settings.METTLE_HOST}: off loopback, METTLE_TOKEN_FILE must name a file of tokens`, { setting: 'METTLE_TOKEN_FILE' });
  }
  const authenticate = loadTokens(settings.METTLE_TOKEN_FILE ?? null, home);
  const complain = createComplaints(logger);
  const now = (): number => Date.now() * 1000;
  const durability = settings.METTLE_DURABILITY;
  const closing: (() => Promise<unknown>)[] = [];
  /** Last opened, first closed; one that fails does not keep the others open. */
  const close = async (): Promise<void> => {
    for (let end = closing.pop(); end !== undefined; end = closing.pop()) await end().catch((error: unknown) => logger.warn({ err: error }, 'a room did not close'));
  };
  const opened = async <T extends { close(): Promise<unknown> }>(room: Promise<T> | T): Promise<T> => {
    const open = await room;
    closing.push(() => open.close());
    return open;
  };

  try {
    const blobs = openBlobStore(settings.METTLE_BLOB_URL ?? join(home, 'blobs'), { durability, cache: join(home, 'blob-cache') });
    const patiently = <T>(what: string, attempt: () => Promise<T>): Promise<T> => within(settings.METTLE_PATIENCE, attempt, (error) => complain(`waits for ${what}`, error));
    await patiently('the blob store', () => blobs.check());
    const db = await opened(patiently('the database', () => openMetadataDb(settings.METTLE_DATABASE_URL ?? join(home, 'db'))));
    const hold = await ownLogs(db, home, now);
    closing.push(() => hold.release());
    const registry = createRegistry({ db, blobs, now });
    const services = openServices({ registry, blobs });
    const sources = (await registry.definitions('source')).map((row) => SourceIR.parse(row.json));
    const events = await opened(openEventLog({ dir: join(home, 'events'), durability, blobs, sources }));
    const labels = await opened(openLabelLog({ dir: join(home, 'labels'), durability, blobs }));
    const observations = await opened(openObservationLog({ dir: join(home, 'observations'), durability, blobs }));
    const online = await opened(openOnlineStore(settings.METTLE_ONLINE_STORE_URL === undefined ? { path: join(home, 'online'), durability } : { url: settings.METTLE_ONLINE_STORE_URL }));
    await patiently('the online store', () => online.position(0));
    const eventPieces = async () => {
      const pieces = new Map<string, Awaited<ReturnType<typeof registry.rawsUpTo>>[number]>();
      for (const endpoint of await registry.endpoints()) {
        for (const raw of await registry.rawsUpTo(endpoint, Number.MAX_SAFE_INTEGER)) if (raw.log === 'events') pieces.set(raw.hash, raw);
      }
      return [...pieces.values()];
    };
    const ingest = createIngest({ events, online, raws: eventPieces, definitions: async () => (await services.list()).map(({ compiled }) => compiled.definition) });
    const recovered = await ingest.recover();
    if (recovered > 0) logger.info({ events: recovered }, 'the online store caught up with the log');
    const tending = setInterval(() => void ingest.tend().catch((error: unknown) => complain('the online store lags behind the log', error)), TEND_MS);
    closing.push(() => Promise.resolve(clearInterval(tending)));
    const engine = await opened(createEngine(join(home, 'tmp', 'duckdb')));
    const snapshots = createSnapshotFiles({ blobs, engine });

    const hub = createRouteHub({ store: registry });
    const routes = createRouteFeed({ hub, registry });
    await routes.load();
    const lasting = new Map<string, Awaited<ReturnType<Platform['lastingOf']>>>();
    const platform: Platform = {
      settings, logger, authenticate, db, blobs, registry, events, labels, observations, online, ingest, services, engine, snapshots, routes, now,
      workflows: createWorkflows(temporal),
      dependencies: createDependencies(
        { database: () => db.orm.execute(sql`select 1`), onlineStore: () => online.position(0), temporal: () => temporal.connection.workflowService.getSystemInfo({}) },
        ['database', 'onlineStore'],
      ),
      async lastingOf(endpoint) {
        let known = lasting.get(endpoint);
        if (known === undefined) {
          const { plan } = await registry.endpointPlan(endpoint);
          lasting.set(endpoint, (known = { clock: plan.clock, space: labelSpaceOf(plan.model) }));
        }
        return known;
      },
    };
    return { platform, plane: createControlPlane({ hub, logs: [events, labels, observations] }), lost: hold.lost, close };
  } catch (error) {
    await close();
    throw error;
  }
}
