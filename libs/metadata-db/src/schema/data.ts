import type { Principal, RawSegment, SegmentTable, Snapshot } from '@mettle/contracts';
import { boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { int53, record } from './columns.ts';

/** Feature definitions by semantic hash. */
export const definitions = pgTable(
  'definitions',
  {
    hash: text('hash').primaryKey(),
    /** source, entity, featureView, featureService. */
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    /** null: only the blob holds it. */
    json: record<unknown>('json'),
    /** Blob of the self-contained definition (services). */
    blob: text('blob'),
    by: record<Principal>('by').notNull(),
    registeredAt: int53('registered_at').notNull(),
  },
  (t) => [index('definitions_name').on(t.kind, t.name)],
);

/** What is kept of a sealed piece besides its hash. */
const piece = () => ({
  log: text('log').$type<RawSegment['log']>().notNull(),
  writer: text('writer').notNull(),
  bytes: int53('bytes').notNull(),
  rows: integer('rows').notNull(),
  sequenceFrom: int53('sequence_from').notNull(),
  sequenceTo: int53('sequence_to').notNull(),
});

/** Sealed pieces of the logs, once each. */
export const raws = pgTable(
  'raws',
  {
    endpoint: text('endpoint').notNull(),
    hash: text('hash').notNull(),
    ...piece(),
    /** Of the step that registered it. */
    watermark: int53('watermark').notNull(),
  },
  (t) => [primaryKey({ columns: [t.endpoint, t.hash] }), index('raws_watermark').on(t.endpoint, t.watermark)],
);

/**
 * Pieces of the logs that endpoints share, in the batches that they are compacted in: the first seal decides, whichever
 * endpoint's step it belongs to, so that every step that meets a piece makes the same segments of it.
 */
export const batches = pgTable(
  'batches',
  {
    hash: text('hash').primaryKey(),
    batch: text('batch').notNull(),
    ...piece(),
    /** Its segments are in the catalogue of some endpoint; the others take them from there. */
    registered: boolean('registered').notNull(),
  },
  (t) => [index('batches_batch').on(t.batch)],
);

/** Where the one open log of events, observations and labels is: sequences are given there, and pieces are not yet here. */
export const logHomes = pgTable('log_homes', {
  /** `shared`: the logs that all endpoints share. */
  log: text('log').primaryKey(),
  /** The id that its folder holds. */
  home: text('home').notNull(),
  /** Host name of the gateway that made it. */
  host: text('host').notNull(),
  since: int53('since').notNull(),
});

/** Parquet segments, once each endpoint that sees them. */
export const segments = pgTable(
  'segments',
  {
    endpoint: text('endpoint').notNull(),
    table: text('table').$type<SegmentTable>().notNull(),
    name: text('name').notNull(),
    hash: text('hash').notNull(),
    bytes: int53('bytes').notNull(),
    rows: integer('rows').notNull(),
    rangeFrom: int53('range_from').notNull(),
    rangeTo: int53('range_to').notNull(),
    sequenceFrom: int53('sequence_from').notNull(),
    sequenceTo: int53('sequence_to').notNull(),
    /** Of the endpoint's first step that sees it. */
    watermark: int53('watermark').notNull(),
  },
  (t) => [primaryKey({ columns: [t.endpoint, t.table, t.name, t.hash] }), index('segments_watermark').on(t.endpoint, t.watermark)],
);

export const snapshots = pgTable(
  'snapshots',
  {
    manifest: text('manifest').primaryKey(),
    endpoint: text('endpoint'),
    service: text('service'),
    asOf: int53('as_of').notNull(),
    snapshot: record<Snapshot>('snapshot').notNull(),
    registeredAt: int53('registered_at').notNull(),
  },
  (t) => [index('snapshots_endpoint').on(t.endpoint, t.asOf)],
);
