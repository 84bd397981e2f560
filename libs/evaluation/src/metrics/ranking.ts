import { MettleError } from '@mettle/contracts';
import { checkPaired, checkWhole, unmeasured } from '@mettle/statistics';
import type { Evaluator, ScoredRows } from './metric.ts';
import { checkSame, reading } from './metric.ts';
import { Adder, meanOf, mergeTotals } from './total.ts';
import type { Total } from './total.ts';

export interface RankingOptions {
  /** Only the first `cutoff` places count; null (all) unless said. */
  readonly cutoff?: number | null;
  /** What a relevance r is worth: r (unless said), or 2^r - 1. */
  readonly gain?: 'linear' | 'exponential';
}

/** Everything that NDCG needs of a set of whole queries; JSON. */
export interface RankingSums {
  readonly v: 1;
  readonly rows: number;
  readonly cutoff: number | null;
  readonly gain: 'linear' | 'exponential';
  readonly queries: number;
  /** Queries without a relevant row: they have no NDCG, and are counted, not scored as 0. */
  readonly skipped: number;
  readonly ndcg: Total;
}

/** Σ over places of gain / log2(place + 1), the places of equal scores shared evenly (McSherry & Najork 2008), as scikit-learn. */
function dcg(gains: readonly number[], scores: readonly number[], cutoff: number): number {
  const order = Uint32Array.from({ length: scores.length }, (_, at) => at).sort((a, b) => (scores[b] as number) - (scores[a] as number));
  let total = 0;
  for (let from = 0; from < order.length && from < cutoff; ) {
    let to = from;
    let gain = 0;
    let discount = 0;
    while (to < order.length && scores[order[to] as number] === scores[order[from] as number]) {
      gain += gains[order[to] as number] as number;
      if (to < cutoff) discount += 1 / Math.log2(to + 2);
      to += 1;
    }
    total += (gain / (to - from)) * discount;
    from = to;
  }
  return total;
}

/**
 * NDCG of one query, in [0, 1]; null when nothing in it is relevant.
 * @throws MettleError INVALID_INPUT for a relevance below 0 and for values that are not finite
 */
export function ndcgOf(relevances: readonly number[], scores: readonly number[], options: RankingOptions = {}): number | null {
  const { cutoff = null, gain = 'linear' } = options;
  const places = cutoff ?? scores.length;
  const gains = relevances.map((relevance, at) => {
    if (!(relevance >= 0 && Number.isFinite(relevance)) || !Number.isFinite(scores[at])) throw new MettleError('INVALID_INPUT', 'a relevance is at least 0 and a score finite', { row: at, relevance: String(relevance), score: String(scores[at]) });
    return gain === 'linear' ? relevance : 2 ** relevance - 1;
  });
  const best = dcg(gains, gains, places);
  return best > 0 ? dcg(gains, scores, places) / best : null;
}

/** Of relevances and scores by query. The rows of a query must be in one part: sums of its halves are two queries. */
export function rankingEvaluator(options: RankingOptions = {}): Evaluator<RankingSums> {
  const { cutoff = null, gain = 'linear' } = options;
  if (cutoff !== null) checkWhole(cutoff, 'cutoff', 1);
  return {
    sums: (rows, only) => rankingSums(rows, only, cutoff, gain),
    merge: (a, b) => {
      checkSame(a.cutoff, b.cutoff, 'cutoffs');
      checkSame(a.gain, b.gain, 'gains');
      return { v: 1, rows: a.rows + b.rows, cutoff: a.cutoff, gain: a.gain, queries: a.queries + b.queries, skipped: a.skipped + b.skipped, ndcg: mergeTotals(a.ndcg, b.ndcg) };
    },
    ...reading<RankingSums>('ranking', {
      /** Mean over the queries that have a relevant row. */
      ndcg: ({ ndcg, queries, skipped }) => (queries > 0 && queries === skipped ? unmeasured('NO_RELEVANT') : meanOf(ndcg, queries - skipped)),
    }),
  };
}

function rankingSums({ labels, scores, queries }: ScoredRows, only: ArrayLike<number> | undefined, cutoff: number | null, gain: 'linear' | 'exponential'): RankingSums {
  checkPaired(labels, scores, 'relevances and scores');
  if (queries === undefined) throw new MettleError('INVALID_INPUT', 'ranking needs the query of each row', { rows: labels.length });
  checkPaired(labels, queries, 'relevances and queries');
  const rows = only?.length ?? labels.length;
  const byQuery = new Map<string | number, { labels: number[]; scores: number[] }>();
  for (let k = 0; k < rows; k += 1) {
    const row = only === undefined ? k : (only[k] as number);
    const query = queries[row] as string | number;
    const known = byQuery.get(query) ?? { labels: [], scores: [] };
    known.labels.push(labels[row] as number);
    known.scores.push(scores[row] as number);
    byQuery.set(query, known);
  }
  const add = new Adder(['ndcg']);
  let skipped = 0;
  for (const query of byQuery.values()) {
    const value = ndcgOf(query.labels, query.scores, { cutoff, gain });
    if (value === null) skipped += 1;
    else add.add('ndcg', value);
  }
  return { v: 1, rows, cutoff, gain, queries: byQuery.size, skipped, ndcg: add.totals().ndcg };
}
