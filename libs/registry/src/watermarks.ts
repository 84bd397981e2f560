import type { TimeUs } from '@mettle/contracts';
import { eq, sql, watermarks, type Orm } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

/** Moves an endpoint's watermark forward, never back. */
export async function moveWatermark(tx: Orm, endpoint: string, watermark: TimeUs): Promise<void> {
  await tx
    .insert(watermarks)
    .values({ endpoint, watermark })
    .onConflictDoUpdate({ target: watermarks.endpoint, set: { watermark: sql`greatest(${watermarks.watermark}, excluded.watermark)` } });
}

export function watermarkRegister({ db }: RegistryDeps) {
  return {
    /** null before the first step. */
    async watermark(endpoint: string): Promise<TimeUs | null> {
      const [row] = await db.orm.select({ watermark: watermarks.watermark }).from(watermarks).where(eq(watermarks.endpoint, endpoint));
      return row?.watermark ?? null;
    },
  };
}
