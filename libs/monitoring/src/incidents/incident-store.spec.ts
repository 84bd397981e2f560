import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_US } from '@mettle/contracts';
import * as metadata from '@mettle/metadata-db';
import { freshDatabase } from '@mettle/testing';
import { monitorOf, resultAt } from '../testing/results.ts';
import { ENDPOINT, openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { acknowledgeIncident, foldStep, listIncidents, monitorHistory } from './incident-store.ts';

let db: metadata.MetadataDb;
let world: World;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mettle-incidents-'));
  db = await metadata.openMetadataDb(await freshDatabase(join(folder, 'db'), metadata));
  world = await openWorld();
});
afterEach(async () => {
  await db.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const step = (day: number, level: number | null) =>
  foldStep({ db, blobs: world.blobs, endpoint: ENDPOINT, watermark: day * DAY_US, monitors: [monitorOf()], results: [resultAt(day, level)], definition: null, owner: 'ml', champion: { model: 'm', version: 1 }, championSince: 0, recent: DAY_US });

describe('foldStep', () => {
  it('opens and closes over days, keeps the evidence, and repeats to the same answer', async () => {
    expect((await step(1, 1.5)).opened).toEqual([]);
    const second = await step(2, 1.5);
    expect(second.opened).toHaveLength(1);
    expect(await world.blobs.has(second.opened[0]!.evidence)).toBe(true);
    expect(await step(2, 1.5)).toEqual(second);
    await acknowledgeIncident(db, second.opened[0]!.incidentId, 'ada');
    await step(2, 1.5);
    expect((await listIncidents(db.orm, ENDPOINT, { open: true }))[0]).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' });
    for (const day of [3, 4]) expect((await step(day, 0.5)).closed).toEqual([]);
    const fifth = await step(5, 0.5);
    expect(fifth.closed).toMatchObject([{ incidentId: second.opened[0]!.incidentId, closedAt: 5 * DAY_US, state: 'closed', acknowledgedBy: 'ada' }]);
    expect((await step(5, 0.5)).closed.map(({ incidentId }) => incidentId)).toEqual(fifth.closed.map(({ incidentId }) => incidentId));
    expect(await listIncidents(db.orm, ENDPOINT, { open: true })).toEqual([]);
    expect(await monitorHistory(db.orm, ENDPOINT, 0, 9 * DAY_US)).toHaveLength(5);
  });

  it('refuses to acknowledge what is not there', async () => {
    await expect(acknowledgeIncident(db, 'nothing', 'ada')).rejects.toMatchObject({ code: 'UNKNOWN_INCIDENT' });
  });
});
