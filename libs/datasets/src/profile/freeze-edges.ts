import type { ColumnProfile } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { sqlName } from '@mettle/duckdb';
import { profileTable, type ProfiledColumn } from './profile-table.ts';

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
 * Freezes the bins of columns from these rows, then counts the rows in them. Numeric edges are the distinct quantiles,
 * with the minimum just inside: (edge, next] bins, underflow at or below the first edge.
 * @param table a SQL table expression
 */
export async function profileNew(db: Db, table: string, columns: readonly NewColumn[]): Promise<ColumnProfile[]> {
  if (columns.length === 0) return [];
  const steps = Array.from({ length: BINS - 1 }, (_, i) => `${i + 1}::DOUBLE / ${BINS}`).join(', ');
  // One scan for all columns.
  const selections = columns.map(({ column, category }, k) => {
    const name = sqlName(column);
    return category
      ? `list_transform(list_sort(list_transform(map_entries(histogram(${name}::VARCHAR)), lambda e: {'n': -(e.value::BIGINT), 'v': e.key}))[1:${CATEGORIES}], lambda e: e.v) AS c${k}`
      : `quantile_disc(${name}::DOUBLE, [${steps}]) FILTER (WHERE isfinite(${name}::DOUBLE)) AS c${k}`;
  });
  const [row] = await db.all<Record<string, (number | string)[] | null>>(`SELECT ${selections.join(', ')} FROM ${table}`);
  const frozen = columns.map(({ name, column, role, category }, k): ProfiledColumn => {
    const found = row?.[`c${k}`] ?? [];
    const base = { name, role, segment: null, rows: 0, nulls: 0, nans: 0, underflow: 0, overflow: 0, unseen: 0, bins: [], min: null, max: null, sums: [] };
    return {
      column,
      reference: category
        ? { ...base, edges: null, categories: Object.fromEntries(found.map((value) => [String(value), 0])) }
        : { ...base, edges: found.length === 0 ? [0] : [...new Set((found as number[]).map((edge) => (edge === 0 ? 0 : edge)))], categories: null },
    };
  });
  return profileTable(db, table, frozen);
}
