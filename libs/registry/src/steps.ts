import { hashOf, type Hash, type RawSegment, type SegmentRef, type TimeUs } from '@mettle/contracts';
import { and, asc, batches, eq, inArray, raws, segments, sql, watermarks, type Orm } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';
import { INSERT_ROWS, rowsOf } from './segments.ts';
import { moveWatermark } from './watermarks.ts';

/** Only the log of predictions is an endpoint's own. */
const isShared = (kind: RawSegment['log'] | SegmentRef['table']): boolean => kind === 'events' || kind === 'labels' || kind === 'observations';

export interface Step {
  readonly endpoint: string;
  readonly watermark: TimeUs;
  readonly raws: readonly RawSegment[];
  readonly segments: readonly SegmentRef[];
}

/** From sealed pieces to what an endpoint sees. A step that is registered never changes what it sees. */
export function stepRegister({ db }: RegistryDeps) {
  return {
    /**
     * Sorts out sealed pieces: `stale` are registered; `fresh` are not, each shared one with its batch, and its batch whole.
     * Pieces that no step has met before become a batch.
     */
    async openPieces(endpoint: string, pieces: readonly RawSegment[]): Promise<{ fresh: RawSegment[]; stale: Hash[] }> {
      const [shared, own] = [pieces.filter((piece) => isShared(piece.log)), pieces.filter((piece) => !isShared(piece.log))];
      const known = own.length === 0 ? [] : await db.orm.select({ hash: raws.hash }).from(raws).where(and(eq(raws.endpoint, endpoint), inArray(raws.hash, own.map(({ hash }) => hash))));
      await putTogether(db.orm, shared);
      const met = shared.length === 0 ? [] : await db.orm.select().from(batches).where(inArray(batches.hash, shared.map(({ hash }) => hash)));
      const open = [...new Set(met.filter((row) => !row.registered).map((row) => row.batch))];
      const whole = open.length === 0 ? [] : await db.orm.select().from(batches).where(inArray(batches.batch, open));
      const stale = new Set([...known, ...met.filter((row) => row.registered)].map((row) => row.hash));
      const fresh = new Map(own.filter((piece) => !stale.has(piece.hash)).map((piece) => [piece.hash, piece]));
      for (const { registered: _, sequenceFrom, sequenceTo, ...row } of whole) fresh.set(row.hash, { ...row, sequences: { from: sequenceFrom, to: sequenceTo } });
      return { fresh: [...fresh.values()], stale: [...stale] };
    },

    /**
     * Registers what a step made of its pieces, and lets the endpoint see what other endpoints' steps made of the logs that
     * they share: of events and labels, what holds something that was known by the watermark. All or nothing, and nothing
     * when the endpoint's watermark has got there. A batch that another step has registered is taken from there.
     * @returns false when the watermark has got there: which pieces are registered, {@link openPieces} says
     */
    async registerStep(step: Step): Promise<boolean> {
      const { endpoint, watermark } = step;
      return db.transaction(async (tx) => {
        const [held] = await tx.select().from(watermarks).where(eq(watermarks.endpoint, endpoint)).for('update');
        if (held !== undefined && held.watermark >= watermark) return false;
        const taken = await take(tx, step.raws.filter((piece) => isShared(piece.log)));
        const pieces = step.raws.filter((piece) => !isShared(piece.log) || taken.has(piece.hash));
        const made = step.segments.filter((segment) => !isShared(segment.table) || pieces.some((piece) => piece.log === segment.table && meets(piece.sequences, segment.sequences)));
        for (const rows of inserts(pieces)) await tx.insert(raws).values(rows.map((row) => ({ endpoint, watermark, ...row }))).onConflictDoNothing();
        const rows = rowsOf(endpoint, watermark, made);
        for (let i = 0; i < rows.length; i += INSERT_ROWS) await tx.insert(segments).values(rows.slice(i, i + INSERT_ROWS)).onConflictDoNothing();
        await adopt(tx, endpoint, watermark);
        await moveWatermark(tx, endpoint, watermark);
        return true;
      });
    },
  };
}

const meets = (a: RawSegment['sequences'], b: RawSegment['sequences']): boolean => a.from <= b.to && a.to >= b.from;

function* inserts(pieces: readonly RawSegment[]) {
  const rows = pieces.map(({ sequences, batch: _, ...piece }) => ({ ...piece, sequenceFrom: sequences.from, sequenceTo: sequences.to }));
  for (let i = 0; i < rows.length; i += INSERT_ROWS) yield rows.slice(i, i + INSERT_ROWS);
}

/** Pieces that no step has met become one batch. In one order, so that of rivals the first gets them all. */
async function putTogether(tx: Orm, shared: readonly RawSegment[]): Promise<void> {
  const ordered = [...shared].sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0));
  const batch = hashOf(ordered.map(({ hash }) => hash));
  for (const rows of inserts(ordered)) await tx.insert(batches).values(rows.map((row) => ({ ...row, batch, registered: false }))).onConflictDoNothing();
}

/** @returns the pieces that this step is the first to register; a rival waits for the end of its transaction */
async function take(tx: Orm, shared: readonly RawSegment[]): Promise<Set<Hash>> {
  if (shared.length === 0) return new Set();
  // A step that was sealed before there were batches.
  await putTogether(tx, shared);
  const hashes = shared.map(({ hash }) => hash);
  const open = await tx.select({ hash: batches.hash }).from(batches).where(and(inArray(batches.hash, hashes), eq(batches.registered, false))).orderBy(asc(batches.hash)).for('update');
  if (open.length > 0) await tx.update(batches).set({ registered: true }).where(inArray(batches.hash, open.map(({ hash }) => hash)));
  return new Set(open.map(({ hash }) => hash));
}

/** What other endpoints' steps registered of the shared logs and this one does not see yet. An observation's range is its T, which may lie ahead. */
async function adopt(tx: Orm, endpoint: string, watermark: TimeUs): Promise<void> {
  await tx.execute(sql`
    insert into segments (endpoint, "table", name, hash, bytes, rows, range_from, range_to, sequence_from, sequence_to, watermark)
    select distinct on (s."table", s.name, s.hash) ${endpoint}::text, s."table", s.name, s.hash, s.bytes, s.rows, s.range_from, s.range_to, s.sequence_from, s.sequence_to, ${watermark}::bigint
    from segments s
    where s.endpoint <> ${endpoint} and s."table" in ('events', 'labels', 'observations') and (s."table" = 'observations' or s.range_from <= ${watermark})
      and not exists (select 1 from segments o where o.endpoint = ${endpoint} and o."table" = s."table" and o.name = s.name and o.hash = s.hash)
    on conflict do nothing`);
}
