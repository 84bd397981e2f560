import type { LostLog } from '@mettle/contracts';
import { asc, eq, lostLogs } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

export function lostLogRegister({ db }: RegistryDeps) {
  return {
    /** An operator gave up a server's log. */
    async saveLostLog(lost: Omit<LostLog, 'returnedAt'>): Promise<void> {
      await db.orm.insert(lostLogs).values({ ...lost, returnedAt: null });
    },
    /** Oldest first. */
    lostLogs: (endpoint: string): Promise<LostLog[]> => db.orm.select().from(lostLogs).where(eq(lostLogs.endpoint, endpoint)).orderBy(asc(lostLogs.declaredAt)),
  };
}
