import { MettleError, versionKey } from '@mettle/contracts';
import type { Incident, Monitor, MonitorResult } from '@mettle/contracts';
import type { BlobStore } from '@mettle/blob-store';
import { and, asc, desc, eq, gte, incidents, lte, monitorResults, ne } from '@mettle/metadata-db';
import type { MetadataDb, Orm } from '@mettle/metadata-db';
import { foldIncidents } from './fold.ts';
import { rankSuspects } from './suspects.ts';
import type { SuspectFacts } from './suspects.ts';

/** Keeps results that were not kept yet. */
async function keepResults(tx: Orm, results: readonly MonitorResult[]): Promise<void> {
  if (results.length === 0) return;
  await tx
    .insert(monitorResults)
    .values(results.map((result) => ({ endpoint: result.endpoint, at: result.at, monitor: result.monitor, version: versionKey(result.version), metric: result.metric, column: result.column ?? '', segment: result.segment ?? '', result })))
    .onConflictDoNothing();
}

/** Results of an endpoint in [from, to], oldest first. */
export async function monitorHistory(orm: Orm, endpoint: string, from: number, to: number): Promise<MonitorResult[]> {
  const rows = await orm.select({ result: monitorResults.result }).from(monitorResults).where(and(eq(monitorResults.endpoint, endpoint), gte(monitorResults.at, from), lte(monitorResults.at, to))).orderBy(asc(monitorResults.at), asc(monitorResults.monitor), asc(monitorResults.column));
  return rows.map(({ result }) => result);
}

/** Incidents of an endpoint, latest first; `open` leaves the closed ones out. */
export async function listIncidents(orm: Orm, endpoint: string, options: { open?: boolean } = {}): Promise<Incident[]> {
  const rows = await orm.select({ incident: incidents.incident }).from(incidents).where(and(eq(incidents.endpoint, endpoint), options.open === true ? ne(incidents.state, 'closed') : undefined)).orderBy(desc(incidents.openedAt), asc(incidents.incidentId));
  return rows.map(({ incident }) => incident);
}

const rowOf = (incident: Incident) => ({ incidentId: incident.incidentId, endpoint: incident.endpoint, state: incident.state, openedAt: incident.openedAt, incident });

async function keepIncident(tx: Orm, incident: Incident): Promise<void> {
  await tx.update(incidents).set(rowOf(incident)).where(eq(incidents.incidentId, incident.incidentId));
}

/**
 * A person has seen an incident; a closed one stays closed.
 * @throws MettleError UNKNOWN_INCIDENT
 */
export function acknowledgeIncident(db: MetadataDb, incidentId: string, by: string): Promise<Incident> {
  return db.transaction(async (tx) => {
    const [row] = await tx.select({ incident: incidents.incident }).from(incidents).where(eq(incidents.incidentId, incidentId));
    if (row === undefined) throw new MettleError('UNKNOWN_INCIDENT', `there is no incident '${incidentId}'`, { incidentId });
    const seen: Incident = { ...row.incident, acknowledgedBy: by, state: row.incident.state === 'open' ? 'acknowledged' : row.incident.state };
    await keepIncident(tx, seen);
    return seen;
  });
}

export interface FoldStepInput extends Omit<SuspectFacts, 'kind' | 'history' | 'at'> {
  readonly db: MetadataDb;
  readonly blobs: Pick<BlobStore, 'putJson'>;
  readonly endpoint: string;
  readonly watermark: number;
  readonly monitors: readonly Monitor[];
  readonly results: readonly MonitorResult[];
}

/**
 * One step: keeps the results, folds them with the history in the database, keeps the incidents, all in one transaction.
 * Repeating a step with the same results returns the same incidents as opened and closed.
 */
export async function foldStep({ db, blobs, endpoint, watermark, monitors, results, ...facts }: FoldStepInput): Promise<{ opened: Incident[]; closed: Incident[]; open: Incident[] }> {
  const longest = monitors.reduce((most, { every, hysteresis }) => Math.max(most, every * (hysteresis.n + 1)), 0);
  const outcome = await db.transaction(async (tx) => {
    await keepResults(tx, results);
    const history = await monitorHistory(tx, endpoint, watermark - longest, watermark);
    const before = (await listIncidents(tx, endpoint)).filter(({ openedAt, closedAt }) => openedAt < watermark && (closedAt === null || closedAt >= watermark)).map((incident): Incident => (incident.closedAt === null ? incident : { ...incident, state: 'open', closedAt: null }));
    const folded = foldIncidents({ endpoint, watermark, monitors, history, open: before, suspects: (kind) => rankSuspects({ ...facts, kind, history, at: watermark }) });
    for (const evidence of Object.values(folded.evidence)) await blobs.putJson(evidence);
    // A repeated step must not undo an acknowledgement.
    for (const incident of folded.opened) await tx.insert(incidents).values(rowOf(incident)).onConflictDoNothing();
    for (const incident of folded.closed) await keepIncident(tx, incident);
    return folded;
  });
  return { opened: outcome.opened, closed: outcome.closed, open: outcome.open };
}
