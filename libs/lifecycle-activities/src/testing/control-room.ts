import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobStore } from '@mettle/blob-store';
import { Policy, days, hashOf, hours, type EndpointPlan, type LifecycleStatus, type ModelManifestInput, type Principal, type VersionRef } from '@mettle/contracts';
import { openLabelLog, openObservationLog } from '@mettle/event-log';
import * as metadata from '@mettle/metadata-db';
import { createRegistry } from '@mettle/registry';
import { freshDatabase } from '@mettle/testing';
import type { LifecycleClient } from '../client.ts';
import { createControlActivities } from '../control/createControlActivities.ts';
import { createControlPlane } from '../controlPlane.ts';
import { createRouteHub } from '../routeHub.ts';

export const ENDPOINT = 'trips';
export const robot: Principal = { id: 'lifecycle', kind: 'policy', roles: ['platform'] };

export function planOf(): EndpointPlan {
  const policy = Policy.parse({
    v: 1, name: 'careful', success: { metric: 'log_loss', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 0.01 }, change: { rule: 'superior' },
    slot: { width: hours(3), pooled: true, lag: 8 }, minSlots: 20, alpha: 0.05, tunedFor: 56, stickyKeys: ['plane'], maturation: days(1), minCoverage: 0.5, maxCoverageGap: 0.5,
    shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 3 }, challenge: { share: 2000, min: days(3), max: days(14) }, bake: days(3),
    approval: { by: 'policy', notTheAuthor: false }, retrain: { onIncident: true, onConfirmedDrift: true, maxAge: null, cooldown: days(3) },
  });
  return {
    v: 1, endpoint: ENDPOINT, clock: 'event', cadence: days(1), policy, policyHash: hashOf(policy), overrides: [],
    monitors: [{ v: 1, name: 'loss', endpoint: ENDPOINT, kind: 'performance', metric: 'log_loss', columns: [], window: days(7), every: days(1), alpha: 0.001, floor: 0.01, hysteresis: { k: 2, n: 3, closeBelow: 0.8 } }],
    model: { v: 1, model: 'trips', task: 'binary', service: hashOf('service'), trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, holdout: days(14), lookback: null, owner: 'ops' },
  };
}

export const manifestOf = (file: string, changes: Partial<ModelManifestInput> = {}): ModelManifestInput => ({
  v: 1, model: 'trips', file: hashOf(file), bytes: 1, opset: 17, task: 'binary', signature: { inputs: [{ name: 'distance', datatype: 'FP64', shape: [-1], missing: 'nan' }], outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }] }, origin: 'trained', featureService: hashOf('service'), snapshot: hashOf('snapshot'), fitted: hashOf('fitted'),
  environment: hashOf('environment'), code: 'abc', trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, referenceProfile: hashOf('profile'), parent: null, offline: { log_loss: { value: 0.4, standardError: null, rows: 10 } }, parity: null, attested: null, createdAt: 1, by: robot,
  ...changes,
});

/** The control activities over real rooms: PGlite, blobs in a folder, logs, the route hub; only the workflows are answered by the test. */
export async function openControlRoom(client: Partial<LifecycleClient> = {}, home?: string) {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'mettle-control-')));
  const blobs = openBlobStore(join(folder, 'blobs'));
  const db = await metadata.openMetadataDb(home === undefined ? await freshDatabase(join(folder, 'db'), metadata) : join(folder, 'db'));
  const registry = createRegistry({ db, blobs, now: () => 1 });
  const labels = await openLabelLog({ dir: join(folder, 'labels'), durability: 'process', blobs });
  const observations = await openObservationLog({ dir: join(folder, 'observations'), durability: 'process', blobs });
  const hub = createRouteHub({ store: registry });
  const plane = createControlPlane({ hub, logs: [labels, observations] });
  const activities = createControlActivities({ db, registry, blobs, plane, client: client as LifecycleClient, channels: [] });
  return {
    folder, blobs, db, registry, labels, observations, hub, activities,
    /** A registered version that qualified. */
    async qualified(file: string, changes: Partial<ModelManifestInput> = {}): Promise<VersionRef> {
      const version = await activities.register({ key: `r/${file}`, manifest: manifestOf(file, changes) });
      await activities.qualify({ key: `q/${file}`, version, verdict: 'pass', parity: { verdict: 'pass', rows: 1, mismatches: 0, report: hashOf('report') }, holdout: {}, note: '' });
      return version;
    },
    /** Ends the process; the folder stays. */
    async leave(): Promise<void> {
      await labels.close();
      await observations.close();
      await db.close();
    },
    async close(): Promise<void> {
      await this.leave();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type ControlRoom = Awaited<ReturnType<typeof openControlRoom>>;

export const statusOf = (id: string, more: Partial<LifecycleStatus> = {}): LifecycleStatus => ({
  id, endpoint: ENDPOINT, cause: id, kind: 'refresh', version: null, phase: 'shadow', state: 'waiting', waitsFor: '', watermark: 1, waitsUntil: 2, startedAt: 0, endedAt: null, verdict: null, reasons: [], effects: [], snapshot: null, ...more,
});
