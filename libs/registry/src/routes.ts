import { MettleError, parseVersionKey, type Decision, type EndpointPlan, type RouteTable, type TimeUs, type VersionRef } from '@mettle/contracts';
import { and, asc, decisions, desc, eq, lte, routes, sql } from '@mettle/metadata-db';
import { emptyTable } from '@mettle/routing';
import type { RegistryDeps } from './deps.ts';
import { latestPlan } from './plans.ts';

/** What an endpoint served at a time, and why. */
export interface Served {
  readonly version: VersionRef;
  readonly epoch: number;
  /** The whole table at that time: who else had traffic. */
  readonly table: RouteTable;
  /** The decision that made the version champion, with its reasons and evidence. */
  readonly because: Decision;
}

/**
 * The table before the first deploy. It takes nothing from the plan that a later plan may change, so that its hash stays the
 * same: the first decision brings the plan in.
 */
export const tableBeforeFirst = (plan: EndpointPlan): RouteTable => emptyTable(plan.endpoint, { clock: plan.clock, overrides: [], policy: { stickyKeys: [] } });

export function routeRegister({ db }: RegistryDeps) {
  const head = db.orm
    .select({ table: routes.table })
    .from(routes)
    .where(eq(routes.endpoint, sql.placeholder('endpoint')))
    .orderBy(desc(routes.epoch))
    .limit(1)
    .prepare('mettle_route_head');

  return {
    /** The table in force; the empty one (epoch 0) before the first deploy. @throws MettleError UNKNOWN_ENDPOINT */
    async route(endpoint: string): Promise<RouteTable> {
      const [row] = await head.execute({ endpoint });
      return row ? row.table : tableBeforeFirst((await latestPlan(db.orm, endpoint)).plan);
    },

    /** Every table that was in force, oldest first. */
    async routeHistory(endpoint: string): Promise<RouteTable[]> {
      const rows = await db.orm.select({ table: routes.table }).from(routes).where(eq(routes.endpoint, endpoint)).orderBy(asc(routes.epoch));
      return rows.map((row) => row.table);
    },

    /**
     * Which version was champion at T, and the decision that made it so: one query. Of several changes at one T the last counts.
     * @returns null when nothing served yet
     */
    async servedAt(endpoint: string, at: TimeUs): Promise<Served | null> {
      const [row] = await db.orm
        .select({ table: routes.table, champion: routes.champion, because: decisions.record })
        .from(routes)
        .leftJoin(decisions, and(eq(decisions.endpoint, routes.endpoint), eq(decisions.sequence, routes.championBy)))
        .where(and(eq(routes.endpoint, endpoint), lte(routes.effectiveFrom, at)))
        .orderBy(desc(routes.epoch))
        .limit(1);
      if (!row?.champion) return null;
      if (!row.because) throw new MettleError('INTERNAL', `nothing in the chain of '${endpoint}' explains its champion`, { endpoint, epoch: row.table.epoch });
      return { version: parseVersionKey(row.champion), epoch: row.table.epoch, table: row.table, because: row.because };
    },
  };
}
