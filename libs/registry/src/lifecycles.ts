import { ENDED_STATES, MettleError, type CandidateSpec, type LifecycleStatus } from '@mettle/contracts';
import { and, asc, eq, lifecycles, sql } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

export interface StoredLifecycle {
  readonly status: LifecycleStatus;
  readonly spec: CandidateSpec;
}

export function lifecycleRegister({ db }: RegistryDeps) {
  return {
    /** The last status replaces the one before; the spec is the first. */
    async saveLifecycle(status: LifecycleStatus, spec: CandidateSpec): Promise<void> {
      const { id, endpoint, state, startedAt } = status;
      await db.orm
        .insert(lifecycles)
        .values({ id, endpoint, state, startedAt, status, spec })
        .onConflictDoUpdate({ target: lifecycles.id, set: { state, status } });
    },

    /** @throws MettleError UNKNOWN_LIFECYCLE */
    async lifecycle(id: string): Promise<StoredLifecycle> {
      const [row] = await db.orm.select({ status: lifecycles.status, spec: lifecycles.spec }).from(lifecycles).where(eq(lifecycles.id, id));
      if (!row) throw new MettleError('UNKNOWN_LIFECYCLE', `no lifecycle '${id}'`, { id });
      return row;
    },

    /** Oldest first; `open` leaves out those that ended. */
    async lifecycles(endpoint: string, options: { open?: boolean } = {}): Promise<StoredLifecycle[]> {
      const ended = sql.join(ENDED_STATES.map((state) => sql`${state}`), sql`, `);
      return db.orm
        .select({ status: lifecycles.status, spec: lifecycles.spec })
        .from(lifecycles)
        .where(and(eq(lifecycles.endpoint, endpoint), options.open ? sql`${lifecycles.state} not in (${ended})` : undefined))
        .orderBy(asc(lifecycles.startedAt), asc(lifecycles.id));
    },
  };
}
