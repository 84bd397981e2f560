import type { RawSegment, SegmentRef, TimeUs } from '@mettle/contracts';
import { and, asc, eq, lte, raws, segments } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

/** Rows of one insert statement: well below PostgreSQL's 65,535 parameters. */
const BATCH = 1000;

const ref = (row: typeof segments.$inferSelect): SegmentRef => ({
  table: row.table,
  name: row.name,
  hash: row.hash,
  bytes: row.bytes,
  rows: row.rows,
  range: { from: row.rangeFrom, to: row.rangeTo },
  sequences: { from: row.sequenceFrom, to: row.sequenceTo },
});

const raw = (row: typeof raws.$inferSelect): RawSegment => ({
  log: row.log,
  writer: row.writer,
  hash: row.hash,
  bytes: row.bytes,
  rows: row.rows,
  sequences: { from: row.sequenceFrom, to: row.sequenceTo },
});

export function segmentRegister({ db }: RegistryDeps) {
  return {
    /** Records sealed pieces; one that is known keeps its first watermark. */
    async registerRaws(endpoint: string, watermark: TimeUs, pieces: readonly RawSegment[]): Promise<void> {
      const rows = pieces.map(({ sequences, ...piece }) => ({ endpoint, watermark, ...piece, sequenceFrom: sequences.from, sequenceTo: sequences.to }));
      for (let i = 0; i < rows.length; i += BATCH) await db.orm.insert(raws).values(rows.slice(i, i + BATCH)).onConflictDoNothing();
    },

    /** Records Parquet segments; one that is known keeps its first watermark. */
    async registerSegments(endpoint: string, watermark: TimeUs, refs: readonly SegmentRef[]): Promise<void> {
      const rows = refs.map(({ range, sequences, ...segment }) => ({
        endpoint,
        watermark,
        ...segment,
        rangeFrom: range.from,
        rangeTo: range.to,
        sequenceFrom: sequences.from,
        sequenceTo: sequences.to,
      }));
      for (let i = 0; i < rows.length; i += BATCH) await db.orm.insert(segments).values(rows.slice(i, i + BATCH)).onConflictDoNothing();
    },

    /** Segments registered by steps up to the watermark, in one order whatever the order of registration. */
    async segmentsUpTo(endpoint: string, watermark: TimeUs): Promise<SegmentRef[]> {
      const rows = await db.orm
        .select()
        .from(segments)
        .where(and(eq(segments.endpoint, endpoint), lte(segments.watermark, watermark)))
        .orderBy(asc(segments.watermark));
      return rows.map(ref).sort(byContent);
    },

    /** Raw pieces registered by steps up to the watermark. */
    async rawsUpTo(endpoint: string, watermark: TimeUs): Promise<RawSegment[]> {
      const rows = await db.orm
        .select()
        .from(raws)
        .where(and(eq(raws.endpoint, endpoint), lte(raws.watermark, watermark)))
        .orderBy(asc(raws.watermark), asc(raws.log), asc(raws.writer), asc(raws.sequenceFrom));
      return rows.map(raw);
    },
  };
}

/** By table, name, time, sequence, hash: independent of the engine's collation. */
function byContent(a: SegmentRef, b: SegmentRef): number {
  return (
    compare(a.table, b.table) ||
    compare(a.name, b.name) ||
    a.range.from - b.range.from ||
    a.sequences.from - b.sequences.from ||
    compare(a.hash, b.hash)
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
