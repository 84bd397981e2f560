import type { TimeUs } from '@mettle/contracts';
import { eq, sql, watermarks } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

export function watermarkRegister({ db }: RegistryDeps) {
  return {
    /** Moves an endpoint's watermark forward, never back. @returns where it is */
    async setWatermark(endpoint: string, watermark: TimeUs): Promise<TimeUs> {
      const [row] = await db.orm
        .insert(watermarks)
        .values({ endpoint, watermark })
        .onConflictDoUpdate({ target: watermarks.endpoint, set: { watermark: sql`greatest(${watermarks.watermark}, excluded.watermark)` } })
        .returning({ watermark: watermarks.watermark });
      return row?.watermark ?? watermark;
    },

    /** null before the first step. */
    async watermark(endpoint: string): Promise<TimeUs | null> {
      const [row] = await db.orm.select({ watermark: watermarks.watermark }).from(watermarks).where(eq(watermarks.endpoint, endpoint));
      return row?.watermark ?? null;
    },
  };
}
