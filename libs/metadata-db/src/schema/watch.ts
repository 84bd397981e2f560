import type { CandidateSpec, Incident, LifecycleState, LifecycleStatus, MonitorResult } from '@mettle/contracts';
import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { int53, record } from './columns.ts';

export const monitorResults = pgTable(
  'monitor_results',
  {
    endpoint: text('endpoint').notNull(),
    at: int53('at').notNull(),
    monitor: text('monitor').notNull(),
    /** `model@version`. */
    version: text('version').notNull(),
    metric: text('metric').notNull(),
    /** Empty: the output or the whole. */
    column: text('column').notNull(),
    segment: text('segment').notNull(),
    result: record<MonitorResult>('result').notNull(),
  },
  (t) => [primaryKey({ columns: [t.endpoint, t.at, t.monitor, t.version, t.metric, t.column, t.segment] })],
);

export const incidents = pgTable(
  'incidents',
  {
    incidentId: text('incident_id').primaryKey(),
    endpoint: text('endpoint').notNull(),
    state: text('state').$type<Incident['state']>().notNull(),
    openedAt: int53('opened_at').notNull(),
    incident: record<Incident>('incident').notNull(),
  },
  (t) => [index('incidents_endpoint').on(t.endpoint, t.openedAt)],
);

export const lifecycles = pgTable(
  'lifecycles',
  {
    id: text('id').primaryKey(),
    endpoint: text('endpoint').notNull(),
    state: text('state').$type<LifecycleState>().notNull(),
    startedAt: int53('started_at').notNull(),
    status: record<LifecycleStatus>('status').notNull(),
    spec: record<CandidateSpec>('spec').notNull(),
  },
  (t) => [index('lifecycles_endpoint').on(t.endpoint, t.startedAt)],
);

/** One piece of news to one channel. */
export const deliveries = pgTable(
  'deliveries',
  {
    incidentId: text('incident_id').notNull(),
    channel: text('channel').notNull(),
    news: text('news').notNull(),
    /** Idempotency key of the activity. */
    key: text('key').notNull(),
    deliveredAt: int53('delivered_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.incidentId, t.channel, t.news, t.key] })],
);

/** First results by business key. */
export const idempotency = pgTable('idempotency', {
  key: text('key').primaryKey(),
  /** null is a result like another. */
  result: record<unknown>('result'),
  at: int53('at').notNull(),
});
