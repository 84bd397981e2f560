import type { ColumnProfile } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { sqlDouble, sqlName } from '@mettle/duckdb';

/** A column to count again over other rows, with the edges and categories that the reference froze. */
export interface ProfiledColumn {
  readonly reference: ColumnProfile;
  /** The column's name in the table. */
  readonly column: string;
}

/**
 * Counts columns of a table in one scan with frozen edges: (edges[i], edges[i+1]] in `bins`, at or below the first edge
 * in `underflow`, above the last in `overflow`; NULL and non-finite apart; categories unknown to the reference in
 * `unseen`. The result is a profile that merges with others of the same edges.
 * @param table a SQL table expression, filtered by the caller
 */
export async function profileTable(db: Db, table: string, columns: readonly ProfiledColumn[]): Promise<ColumnProfile[]> {
  if (columns.length === 0) return [];
  // A value that is not finite becomes null once; a FILTER would test it again for each aggregate.
  const inputs = columns.map(({ reference, column }, k) => {
    const name = sqlName(column);
    return reference.edges === null ? `${name}::VARCHAR AS x${k}` : `${name} IS NOT NULL AS known${k}, CASE WHEN isfinite(${name}::DOUBLE) THEN ${name}::DOUBLE END AS x${k}`;
  });
  const selections = columns.flatMap(({ reference }, k) =>
    reference.edges === null
      ? [`count(*) - count(x${k}) AS nulls${k}`, `map_keys(histogram(x${k})) AS keys${k}`, `map_values(histogram(x${k}))::BIGINT[] AS counts${k}`]
      : [
          `count_if(NOT known${k}) AS nulls${k}`,
          `count_if(known${k}) - count(x${k}) AS nans${k}`,
          `map_values(histogram(x${k}, [${reference.edges.map(sqlDouble).join(', ')}]))::BIGINT[] AS counts${k}`,
          `min(x${k}) AS min${k}`,
          `max(x${k}) AS max${k}`,
        ],
  );
  const [row] = await db.all<Record<string, number | number[] | string[] | null>>(`SELECT count(*) AS rows, ${selections.join(', ')} FROM (SELECT ${inputs.join(', ')} FROM ${table})`);
  return columns.map(({ reference }, k) => read(reference, (row?.['rows'] as number | undefined) ?? 0, (field) => row?.[`${field}${k}`] ?? null));
}

function read(reference: ColumnProfile, rows: number, field: (name: string) => number | number[] | string[] | null): ColumnProfile {
  const number = (name: string): number => (field(name) as number | null) ?? 0;
  const counts = (field('counts') as number[] | null) ?? [];
  const base = { name: reference.name, role: reference.role, segment: reference.segment, rows, nulls: number('nulls'), sums: [] };
  if (reference.edges === null) {
    const known = new Map(Object.keys(reference.categories ?? {}).map((name) => [name, 0]));
    let unseen = 0;
    ((field('keys') as string[] | null) ?? []).forEach((key, at) => {
      if (known.has(key)) known.set(key, counts[at] ?? 0);
      else unseen += counts[at] ?? 0;
    });
    return { ...base, nans: 0, underflow: 0, overflow: 0, edges: null, bins: [], categories: Object.fromEntries(known), unseen, min: null, max: null };
  }
  const edges = reference.edges;
  const bins = edges.slice(1).map((_, at) => counts[at + 1] ?? 0);
  return { ...base, nans: number('nans'), underflow: counts[0] ?? 0, overflow: counts[edges.length] ?? 0, edges, bins, categories: null, unseen: 0, min: (field('min') as number | null) ?? null, max: (field('max') as number | null) ?? null };
}
