import type { Decision, DecisionAction, EndpointPlan, Principal, RouteTable, ServerLease } from '@mettle/contracts';
import { index, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { int53, record } from './columns.ts';

/** Every plan that an endpoint was declared with; the greatest revision holds. */
export const endpointPlans = pgTable(
  'endpoint_plans',
  {
    endpoint: text('endpoint').notNull(),
    revision: integer('revision').notNull(),
    hash: text('hash').notNull(),
    plan: record<EndpointPlan>('plan').notNull(),
    declaredAt: int53('declared_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.endpoint, t.revision] })],
);

/** The head of an endpoint's chain: the row that a commit locks and compares with. */
export const endpointHeads = pgTable(
  'endpoint_heads',
  {
    endpoint: text('endpoint').primaryKey(),
    epoch: integer('epoch').notNull(),
    /** Of the last decision; 0 before the first. */
    sequence: integer('sequence').notNull(),
    hash: text('hash').notNull(),
    /** `model@version`. */
    champion: text('champion'),
  },
  (t) => [index('endpoint_heads_champion').on(t.champion)],
);

/** The append-only chain. */
export const decisions = pgTable(
  'decisions',
  {
    endpoint: text('endpoint').notNull().references(() => endpointHeads.endpoint),
    sequence: integer('sequence').notNull(),
    key: text('key').notNull(),
    hash: text('hash').notNull(),
    previous: text('previous').notNull(),
    action: text('action').$type<DecisionAction>().notNull(),
    /** `model@version`. */
    version: text('version').notNull(),
    at: int53('at').notNull(),
    epochBefore: integer('epoch_before').notNull(),
    epochAfter: integer('epoch_after'),
    record: record<Decision>('record').notNull(),
  },
  (t) => [primaryKey({ columns: [t.endpoint, t.sequence] }), unique('decisions_key').on(t.endpoint, t.key), unique('decisions_epoch').on(t.endpoint, t.epochAfter)],
);

/** Every route table that was in force. */
export const routes = pgTable(
  'routes',
  {
    endpoint: text('endpoint').notNull().references(() => endpointHeads.endpoint),
    epoch: integer('epoch').notNull(),
    hash: text('hash').notNull(),
    effectiveFrom: int53('effective_from').notNull(),
    /** `model@version`. */
    champion: text('champion'),
    /** Sequence of the decision that made this champion: the why of what is served. */
    championBy: integer('champion_by'),
    table: record<RouteTable>('table').notNull(),
  },
  (t) => [primaryKey({ columns: [t.endpoint, t.epoch] }), index('routes_effective').on(t.endpoint, t.effectiveFrom)],
);

export const leases = pgTable(
  'leases',
  {
    endpoint: text('endpoint').notNull(),
    server: text('server').notNull(),
    renewedAt: int53('renewed_at').notNull(),
    lease: record<ServerLease>('lease').notNull(),
  },
  (t) => [primaryKey({ columns: [t.endpoint, t.server] })],
);

/** Logs of servers that an operator has given up, and those that came back after all. */
export const lostLogs = pgTable(
  'lost_logs',
  {
    endpoint: text('endpoint').notNull(),
    server: text('server').notNull(),
    declaredAt: int53('declared_at').notNull(),
    watermark: int53('watermark'),
    unsealed: integer('unsealed'),
    by: record<Principal>('by').notNull(),
    note: text('note').notNull(),
    returnedAt: int53('returned_at'),
  },
  (t) => [primaryKey({ columns: [t.endpoint, t.server, t.declaredAt] })],
);

export const watermarks = pgTable('watermarks', {
  endpoint: text('endpoint').primaryKey(),
  watermark: int53('watermark').notNull(),
});
