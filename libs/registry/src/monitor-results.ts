import { versionKey, type MonitorResult, type TimeUs } from '@mettle/contracts';
import { and, asc, eq, gte, lte, monitorResults } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

const BATCH = 1000;

export interface MonitorQuery {
  readonly monitor?: string;
  /** µs of the watermark, inclusive. */
  readonly from?: TimeUs;
  /** µs of the watermark, inclusive. */
  readonly to?: TimeUs;
}

export function monitorResultStore({ db }: RegistryDeps) {
  return {
    /** Stores measurements; one of the same subject at the same watermark is kept as it was. */
    async saveMonitorResults(results: readonly MonitorResult[]): Promise<void> {
      const rows = results.map((result) => ({
        endpoint: result.endpoint,
        at: result.at,
        monitor: result.monitor,
        version: versionKey(result.version),
        metric: result.metric,
        column: result.column ?? '',
        segment: result.segment ?? '',
        result,
      }));
      for (let i = 0; i < rows.length; i += BATCH) await db.orm.insert(monitorResults).values(rows.slice(i, i + BATCH)).onConflictDoNothing();
    },

    /** Oldest first. */
    async monitorResults(endpoint: string, query: MonitorQuery = {}): Promise<MonitorResult[]> {
      const t = monitorResults;
      const rows = await db.orm
        .select({ result: t.result })
        .from(t)
        .where(
          and(
            eq(t.endpoint, endpoint),
            query.monitor === undefined ? undefined : eq(t.monitor, query.monitor),
            query.from === undefined ? undefined : gte(t.at, query.from),
            query.to === undefined ? undefined : lte(t.at, query.to),
          ),
        )
        .orderBy(asc(t.at), asc(t.monitor), asc(t.metric), asc(t.column), asc(t.segment), asc(t.version));
      return rows.map((row) => row.result);
    },
  };
}
