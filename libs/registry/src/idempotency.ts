import { deliveries, eq, idempotency } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

export function idempotencyStore({ db, now }: RegistryDeps) {
  async function remembered<T>(key: string): Promise<T | undefined> {
    const [row] = await db.orm.select({ result: idempotency.result }).from(idempotency).where(eq(idempotency.key, key));
    return row === undefined ? undefined : (row.result as T);
  }

  return {
    /** The first result under a business key; undefined when there is none (a result may be null). */
    remembered,

    /** Keeps a result under a key; the first one stays. @returns the one that is kept */
    async remember<T>(key: string, result: T): Promise<T> {
      const fresh = await db.orm.insert(idempotency).values({ key, result, at: now() }).onConflictDoNothing().returning({ key: idempotency.key });
      return fresh.length > 0 ? result : ((await remembered<T>(key)) as T);
    },

    /** Notes that news of an incident reached a channel. @returns false when it was noted before */
    async recordDelivery(delivery: { incidentId: string; channel: string; news: string; key: string }): Promise<boolean> {
      const fresh = await db.orm.insert(deliveries).values({ ...delivery, deliveredAt: now() }).onConflictDoNothing().returning({ key: deliveries.key });
      return fresh.length > 0;
    },

    /** What reached a channel of an incident's news. */
    deliveries: (incidentId: string) => db.orm.select().from(deliveries).where(eq(deliveries.incidentId, incidentId)),
  };
}
