import { MettleError, type Hash, type Snapshot } from '@mettle/contracts';
import { desc, eq, snapshots } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

export function snapshotRegister({ db, now }: RegistryDeps) {
  return {
    /** Stores a data version once. */
    async saveSnapshot(snapshot: Snapshot, endpoint: string | null = null): Promise<void> {
      const { manifest, service, asOf } = snapshot;
      await db.orm.insert(snapshots).values({ manifest, endpoint, service, asOf, snapshot, registeredAt: now() }).onConflictDoNothing();
    },

    /** @throws MettleError UNKNOWN_SNAPSHOT */
    async snapshot(manifest: Hash): Promise<Snapshot> {
      const [row] = await db.orm.select({ snapshot: snapshots.snapshot }).from(snapshots).where(eq(snapshots.manifest, manifest));
      if (!row) throw new MettleError('UNKNOWN_SNAPSHOT', 'no such snapshot', { manifest });
      return row.snapshot;
    },

    /** The newest asOf first; of one endpoint, or all. */
    async snapshots(endpoint?: string): Promise<Snapshot[]> {
      const rows = await db.orm
        .select({ snapshot: snapshots.snapshot })
        .from(snapshots)
        .where(endpoint === undefined ? undefined : eq(snapshots.endpoint, endpoint))
        .orderBy(desc(snapshots.asOf), desc(snapshots.registeredAt));
      return rows.map((row) => row.snapshot);
    },
  };
}
