import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobStore, type BlobStore } from '@mettle/blob-store';
import { DecisionInput, EndpointPlan, Policy, days, hashBytes, hashOf, hours, minutes, type ModelManifestInput, type Principal, type VersionRef } from '@mettle/contracts';
import * as metadata from '@mettle/metadata-db';
import { freshDatabase } from '@mettle/testing';
import { createRegistry, type Registry } from '../registry.ts';

export const ada: Principal = { id: 'ada', kind: 'person', roles: ['scientist'] };
export const bob: Principal = { id: 'bob', kind: 'person', roles: ['approver'] };
export const policyBot: Principal = { id: 'policy', kind: 'policy', roles: ['platform'] };

export interface TestRegistry {
  readonly registry: Registry;
  readonly db: metadata.MetadataDb;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

/**
 * A registry over a database and a blob store of its own; its wall clock counts calls, in seconds.
 * @param server URL of an empty PostgreSQL database; default: PGlite
 */
export async function openTestRegistry(server?: string, startAt = 0): Promise<TestRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'mettle-registry-'));
  const db = await metadata.openMetadataDb(server ?? (await freshDatabase(join(directory, 'db'), metadata)));
  const blobs = openBlobStore(join(directory, 'blobs'));
  let calls = startAt;
  return {
    db,
    blobs,
    registry: createRegistry({ db, blobs, now: () => ++calls * 1_000_000 }),
    async close() {
      await db.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const hash = (text: string): string => hashBytes(text);

/** A manifest with whole lineage. */
export const manifestOf = (model: string, changes: Partial<ModelManifestInput> = {}): ModelManifestInput => ({
  v: 1,
  model,
  file: hash(`${model} file`),
  bytes: 1000,
  opset: 17,
  task: 'binary',
  signature: {
    inputs: [{ name: 'distance', datatype: 'FP64', shape: [-1, 1], missing: 'nan' }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
  },
  origin: 'trained',
  featureService: hash('service'),
  snapshot: hash('snapshot'),
  fitted: hash('fitted'),
  environment: hash('environment'),
  code: 'abc123',
  trainer: { name: 'lightgbm', parameters: { leaves: 31 }, seed: 1 },
  referenceProfile: hash('profile'),
  parent: null,
  offline: { log_loss: { value: 0.41, standardError: 0.01, rows: 5000 } },
  parity: null,
  attested: null,
  createdAt: 1,
  by: ada,
  ...changes,
});

export function planOf(endpoint: string, changes: Partial<EndpointPlan> = {}, approval: Policy['approval'] = { by: 'policy', notTheAuthor: false }): EndpointPlan {
  const policy = Policy.parse({
    v: 1,
    name: 'careful',
    success: { metric: 'log_loss', direction: 'lower' },
    refresh: { rule: 'nonInferior', margin: 0.01 },
    change: { rule: 'superior' },
    slot: { width: hours(3), pooled: true, lag: 8 },
    minSlots: 56,
    alpha: 0.05,
    tunedFor: 112,
    stickyKeys: ['plane', 'flight'],
    maturation: days(1),
    minCoverage: 0.9,
    maxCoverageGap: 0.05,
    shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 3 },
    challenge: { share: 2000, min: days(7), max: days(28) },
    bake: days(7),
    approval,
    retrain: { onIncident: true, onConfirmedDrift: true, maxAge: days(7), cooldown: days(2) },
  });
  return EndpointPlan.parse({
    v: 1,
    endpoint,
    clock: 'event',
    cadence: minutes(15),
    model: { v: 1, model: endpoint, task: 'binary', service: hash('service'), trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, holdout: days(14), owner: 'ada' },
    policy,
    policyHash: hashOf(policy),
    monitors: [],
    ...changes,
  });
}

/** A decision of the policy; its key is (action, version, at) unless said. */
export function decisionOf(endpoint: string, action: DecisionInput['action'], version: VersionRef, changes: Partial<DecisionInput> = {}): DecisionInput {
  const at = changes.at ?? 1000;
  return DecisionInput.parse({
    endpoint,
    at,
    action,
    phase: null,
    version,
    verdict: 'pass',
    reasons: [{ code: 'nonInferior', numbers: { upper: 0.004 } }],
    evidence: hash('evidence'),
    policy: null,
    by: policyBot,
    note: '',
    key: `${action}/${version.model}@${version.version}/${at}`,
    ...changes,
  });
}

/** Registers a version and, unless told not to, qualifies it. */
export async function registered(registry: Registry, model: string, key: string, qualify = true, changes: Partial<ModelManifestInput> = {}): Promise<VersionRef> {
  const ref = await registry.registerVersion(manifestOf(model, { file: hash(`${model} ${key}`), ...changes }), key, { createModel: true });
  if (qualify) await registry.recordQualification({ key, version: ref, verdict: 'pass', parity: null, holdout: {}, note: '' });
  return ref;
}
