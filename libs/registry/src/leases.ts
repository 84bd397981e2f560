import { ServerLease } from '@mettle/contracts';
import { and, asc, eq, isNull, leases, lostLogs } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';
import { parse } from './parse.ts';

export function leaseRegister({ db }: RegistryDeps) {
  return {
    /** A server's confirmation replaces its last one; one whose log was given up has come back. @throws MettleError INVALID_INPUT */
    async saveLease(input: ServerLease): Promise<void> {
      const lease = parse(ServerLease, input, 'lease');
      const { endpoint, server, renewedAt } = lease;
      await db.orm
        .insert(leases)
        .values({ endpoint, server, renewedAt, lease })
        .onConflictDoUpdate({ target: [leases.endpoint, leases.server], set: { renewedAt, lease } });
      await db.orm.update(lostLogs).set({ returnedAt: renewedAt }).where(and(eq(lostLogs.endpoint, endpoint), eq(lostLogs.server, server), isNull(lostLogs.returnedAt)));
    },

    /** The last confirmation of each server, by name; who is alive is the caller's to judge by `renewedAt`. */
    async leases(endpoint: string): Promise<ServerLease[]> {
      const rows = await db.orm.select({ lease: leases.lease }).from(leases).where(eq(leases.endpoint, endpoint)).orderBy(asc(leases.server));
      return rows.map((row) => row.lease);
    },

    /** Forgets a server that is gone, once its log was adopted. */
    async dropLease(endpoint: string, server: string): Promise<void> {
      await db.orm.delete(leases).where(and(eq(leases.endpoint, endpoint), eq(leases.server, server)));
    },
  };
}
