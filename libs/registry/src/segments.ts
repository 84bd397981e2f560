import { MettleError, type RawSegment, type SegmentRef, type TimeUs } from '@mettle/contracts';
import { and, asc, count, eq, gt, lte, raws, segments, watermarks } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

/** Rows of one insert statement: well below PostgreSQL's 65,535 parameters. */
export const INSERT_ROWS = 1000;

const ref = (row: typeof segments.$inferSelect): SegmentRef => ({
  table: row.table,
  name: row.name,
  hash: row.hash,
  bytes: row.bytes,
  rows: row.rows,
  range: { from: row.rangeFrom, to: row.rangeTo },
  sequences: { from: row.sequenceFrom, to: row.sequenceTo },
});

export const rowsOf = (endpoint: string, watermark: TimeUs, refs: readonly SegmentRef[]): (typeof segments.$inferInsert)[] =>
  refs.map(({ range, sequences, ...segment }) => ({ endpoint, watermark, ...segment, rangeFrom: range.from, rangeTo: range.to, sequenceFrom: sequences.from, sequenceTo: sequences.to }));

const raw = (row: typeof raws.$inferSelect): RawSegment => ({
  log: row.log,
  writer: row.writer,
  hash: row.hash,
  bytes: row.bytes,
  rows: row.rows,
  sequences: { from: row.sequenceFrom, to: row.sequenceTo },
});

/** What this process read last of an endpoint: rows are never changed or removed, so an equal count is an equal set. */
interface Read {
  readonly watermark: TimeUs;
  readonly refs: readonly SegmentRef[];
}
const NOTHING: Read = { watermark: Number.MIN_SAFE_INTEGER, refs: [] };

export function segmentRegister({ db }: RegistryDeps) {
  const lastRead = new Map<string, Read>();

  async function between(endpoint: string, after: TimeUs, until: TimeUs): Promise<SegmentRef[]> {
    const { watermark } = segments;
    const rows = await db.orm.select().from(segments).where(and(eq(segments.endpoint, endpoint), gt(watermark, after), lte(watermark, until)));
    return rows.map(ref);
  }

  async function unchanged(endpoint: string, read: Read): Promise<boolean> {
    if (read.refs.length === 0) return false;
    const [row] = await db.orm.select({ rows: count() }).from(segments).where(and(eq(segments.endpoint, endpoint), lte(segments.watermark, read.watermark)));
    return row?.rows === read.refs.length;
  }

  return {
    /**
     * Records segments that no step sealed, for the step that comes next. The watermark is held meanwhile: a step that
     * moves it either comes first, or reads these segments.
     * @throws MettleError INVALID_TRANSITION before the first step
     */
    async registerAfterWatermark(endpoint: string, refs: readonly SegmentRef[]): Promise<void> {
      await db.transaction(async (tx) => {
        const [head] = await tx.select().from(watermarks).where(eq(watermarks.endpoint, endpoint)).for('update');
        if (head === undefined) throw new MettleError('INVALID_TRANSITION', `nothing of '${endpoint}' is sealed: advance its watermark first`, { endpoint });
        const rows = rowsOf(endpoint, head.watermark + 1, refs);
        for (let i = 0; i < rows.length; i += INSERT_ROWS) await tx.insert(segments).values(rows.slice(i, i + INSERT_ROWS)).onConflictDoNothing();
      });
    },

    /**
     * Segments registered by steps up to the watermark, in one order whatever the order of registration. A step reads what is
     * new since the step before.
     */
    async segmentsUpTo(endpoint: string, watermark: TimeUs): Promise<SegmentRef[]> {
      const last = lastRead.get(endpoint) ?? NOTHING;
      const known = last.watermark <= watermark && (await unchanged(endpoint, last)) ? last : NOTHING;
      const refs = [...known.refs, ...(await between(endpoint, known.watermark, watermark))].sort(byContent);
      lastRead.set(endpoint, { watermark, refs });
      return [...refs];
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
