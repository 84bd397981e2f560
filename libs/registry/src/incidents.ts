import { MettleError, type Incident } from '@mettle/contracts';
import { and, asc, eq, incidents, ne, sql } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

const unknownIncident = (incidentId: string): MettleError => new MettleError('UNKNOWN_INCIDENT', `no incident '${incidentId}'`, { incidentId });

export function incidentRegister({ db }: RegistryDeps) {
  return {
    /** What is said last of an incident replaces what was said before. */
    async saveIncidents(changed: readonly Incident[]): Promise<void> {
      if (changed.length === 0) return;
      await db.orm
        .insert(incidents)
        .values(changed.map((incident) => ({ incidentId: incident.incidentId, endpoint: incident.endpoint, state: incident.state, openedAt: incident.openedAt, incident })))
        .onConflictDoUpdate({ target: incidents.incidentId, set: { state: sql`excluded.state`, incident: sql`excluded.incident` } });
    },

    /** Oldest first; `open` leaves out those that are closed. */
    async incidents(endpoint: string, options: { open?: boolean } = {}): Promise<Incident[]> {
      const rows = await db.orm
        .select({ incident: incidents.incident })
        .from(incidents)
        .where(and(eq(incidents.endpoint, endpoint), options.open ? ne(incidents.state, 'closed') : undefined))
        .orderBy(asc(incidents.openedAt), asc(incidents.incidentId));
      return rows.map((row) => row.incident);
    },

    /** @throws MettleError UNKNOWN_INCIDENT */
    async incident(incidentId: string): Promise<Incident> {
      const [row] = await db.orm.select({ incident: incidents.incident }).from(incidents).where(eq(incidents.incidentId, incidentId));
      if (!row) throw unknownIncident(incidentId);
      return row.incident;
    },

    /** A person has seen it; a closed one stays closed. @throws MettleError UNKNOWN_INCIDENT */
    async acknowledgeIncident(incidentId: string, by: string): Promise<Incident> {
      return db.transaction(async (tx) => {
        const [row] = await tx.select({ incident: incidents.incident }).from(incidents).where(eq(incidents.incidentId, incidentId)).for('update');
        if (!row) throw unknownIncident(incidentId);
        if (row.incident.state !== 'open') return row.incident;
        const incident: Incident = { ...row.incident, state: 'acknowledged', acknowledgedBy: by };
        await tx.update(incidents).set({ state: incident.state, incident }).where(eq(incidents.incidentId, incidentId));
        return incident;
      });
    },
  };
}
