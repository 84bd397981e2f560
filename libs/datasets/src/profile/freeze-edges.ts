import type { ColumnProfile } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { sqlName } from '@mettle/duckdb';

/** A column of a table to describe for the first time. */
export interface NewColumn {
  readonly name: string;
  /** The column's name in the table. */
  readonly column: string;
  readonly role: ColumnProfile['role'];
  readonly category: boolean;
}

/** Bins of a numeric column: its quantiles at steps of 5 %. */
const BINS = 20;
/** Categories that are counted by name; the rest is `unseen`. */
const CATEGORIES = 200;

/**
 * Freezes the bins of columns from these rows, and counts the rows in them. Numeric edges are the distinct quantiles,
 * with the minimum just inside: (edge, next] bins, underflow at or below the first edge.
 * @param table a SQL table expression
 */
export async function profileNew(db: Db, table: string, columns: readonly NewColumn[]): Promise<ColumnProfile[]> {
  const profiles: ColumnProfile[] = [];
  for (const column of columns) profiles.push(await (column.category ? categories(db, table, column) : numbers(db, table, column)));
  return profiles;
}

const empty = ({ name, role }: NewColumn) => ({ name, role, segment: null, nulls: 0, nans: 0, underflow: 0, overflow: 0, edges: null, bins: [], categories: null, unseen: 0, min: null, max: null, sums: [] });

interface Numbers { readonly rows: number; readonly nulls: number; readonly nans: number; readonly finite: number; readonly min: number | null; readonly max: number | null; readonly edges: number[] | null; readonly reached: number[] | null }

/**
 * Everything from the counts of distinct values, which are few where values are measured: a value is the k/20 quantile
 * when the rows up to it first reach k/20 of all, and rows reached at two edges differ by the rows between them.
 */
async function numbers(db: Db, table: string, column: NewColumn): Promise<ColumnProfile> {
  const [row] = await db.all<Numbers>(`
    WITH v AS MATERIALIZED (SELECT ${sqlName(column.column)}::DOUBLE AS v, count(*) AS n FROM ${table} GROUP BY 1),
      f AS MATERIALIZED (SELECT v, n, (sum(n) OVER (ORDER BY v))::BIGINT AS c, (sum(n) OVER ())::BIGINT AS t FROM v WHERE isfinite(v)),
      e AS (SELECT v, c FROM f WHERE least(c * ${BINS} // t, ${BINS - 1}) > (c - n) * ${BINS} // t)
    SELECT * FROM
      (SELECT coalesce(sum(n), 0)::BIGINT AS rows, coalesce(sum(n) FILTER (WHERE v IS NULL), 0)::BIGINT AS nulls, coalesce(sum(n) FILTER (WHERE NOT isfinite(v)), 0)::BIGINT AS nans FROM v),
      (SELECT coalesce(max(t), 0) AS finite, min(v) AS min, max(v) AS max FROM f),
      (SELECT list(v ORDER BY v) AS edges, list(c ORDER BY v) AS reached FROM e)`);
  const { rows = 0, nulls = 0, nans = 0, finite = 0, min = null, max = null, edges = null, reached = null } = row ?? {};
  if (edges === null || reached === null) return { ...empty(column), rows, nulls, nans, edges: [0] };
  const bins = reached.slice(1).map((count, at) => count - (reached[at] as number));
  return {
    ...empty(column), rows, nulls, nans, min, max, bins,
    edges: edges.map((edge) => (edge === 0 ? 0 : edge)),
    underflow: reached[0] as number,
    overflow: finite - (reached.at(-1) as number),
  };
}

async function categories(db: Db, table: string, column: NewColumn): Promise<ColumnProfile> {
  const [row] = await db.all<{ rows: number; nulls: number; names: string[] | null; counts: number[] | null }>(`
    WITH v AS MATERIALIZED (SELECT ${sqlName(column.column)}::VARCHAR AS v, count(*) AS n FROM ${table} GROUP BY 1),
      c AS (SELECT v, n FROM v WHERE v IS NOT NULL ORDER BY n DESC, v LIMIT ${CATEGORIES})
    SELECT * FROM (SELECT coalesce(sum(n), 0)::BIGINT AS rows, coalesce(sum(n) FILTER (WHERE v IS NULL), 0)::BIGINT AS nulls FROM v),
      (SELECT list(v ORDER BY n DESC, v) AS names, list(n ORDER BY n DESC, v) AS counts FROM c)`);
  const { rows = 0, nulls = 0 } = row ?? {};
  const names = row?.names ?? [];
  const counts = row?.counts ?? [];
  const named = counts.reduce((sum, count) => sum + count, 0);
  return { ...empty(column), rows, nulls, categories: Object.fromEntries(names.map((name, at) => [name, counts[at] ?? 0])), unseen: rows - nulls - named };
}
