import { hashOf, versionKey, type Decision, type Hash } from '@mettle/contracts';
import { asc, decisions, endpointHeads, eq, routes } from '@mettle/metadata-db';
import { tableHash } from '@mettle/routing';
import type { RegistryDeps } from './deps.ts';
import { unknownEndpoint } from './plans.ts';

/** What the first decision names as the one before. */
export const GENESIS: Hash = '0'.repeat(64);

/** SHA-256 over the RFC 8785 form of a decision without `hash`. */
export function decisionHash(decision: Omit<Decision, 'hash'> & { hash?: Hash }): Hash {
  const { hash: _hash, ...content } = decision;
  return hashOf(content);
}

export interface ChainReport {
  readonly ok: boolean;
  /** Decisions read. */
  readonly length: number;
  /** Sequence of the first decision that does not fit, or epoch of the first such route; null when all fit. */
  readonly brokenAt: number | null;
  readonly problem: 'sequence' | 'previous' | 'hash' | 'columns' | 'head' | 'route' | null;
}

export function chainAudit({ db }: RegistryDeps) {
  return {
    /**
     * Walks an endpoint's chain from the first decision: sequences without gaps, each link's hash and predecessor, the
     * columns that queries use, the head, and the hash of every route table. It finds an edited, removed or inserted row;
     * a chain rewritten whole, head included, needs a hash that was noted elsewhere.
     * @throws MettleError UNKNOWN_ENDPOINT
     */
    async verifyChain(endpoint: string): Promise<ChainReport> {
      const [rows, heads, tables] = await Promise.all([
        db.orm.select().from(decisions).where(eq(decisions.endpoint, endpoint)).orderBy(asc(decisions.sequence)),
        db.orm.select().from(endpointHeads).where(eq(endpointHeads.endpoint, endpoint)),
        db.orm.select().from(routes).where(eq(routes.endpoint, endpoint)).orderBy(asc(routes.epoch)),
      ]);
      const head = heads[0];
      if (!head) throw unknownEndpoint(endpoint);
      const broken = (brokenAt: number, problem: ChainReport['problem']): ChainReport => ({ ok: false, length: rows.length, brokenAt, problem });

      let previous = GENESIS;
      let epoch = 0;
      for (const [index, row] of rows.entries()) {
        const link = row.record;
        const sequence = index + 1;
        if (row.sequence !== sequence || link.sequence !== sequence) return broken(sequence, 'sequence');
        if (link.previous !== previous || row.previous !== previous) return broken(sequence, 'previous');
        if (link.hash !== decisionHash(link) || row.hash !== link.hash) return broken(sequence, 'hash');
        if (!columnsFit(row)) return broken(sequence, 'columns');
        if (link.epochBefore !== epoch) return broken(sequence, 'sequence');
        epoch = link.epochAfter ?? epoch;
        previous = link.hash;
      }
      if (head.sequence !== rows.length || head.hash !== previous || head.epoch !== epoch) return broken(rows.length, 'head');
      for (const [index, { epoch: at, hash, table }] of tables.entries()) {
        if (at !== index + 1 || table.epoch !== at || table.hash !== hash || tableHash(table) !== hash) return broken(at, 'route');
      }
      if (tables.length !== epoch) return broken(tables.length, 'route');
      return { ok: true, length: rows.length, brokenAt: null, problem: null };
    },
  };
}

const columnsFit = ({ record, ...row }: typeof decisions.$inferSelect): boolean =>
  record.endpoint === row.endpoint &&
  record.action === row.action &&
  versionKey(record.version) === row.version &&
  record.at === row.at &&
  record.epochBefore === row.epochBefore &&
  record.epochAfter === row.epochAfter;
