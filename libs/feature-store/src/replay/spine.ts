import type { Range, Value } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { fileList } from '@mettle/duckdb';

/** Parquet files that hold prediction_id, at, keys, request (JSON) [, position]: the moments to compute features for. */
export interface Spine {
  readonly files: readonly string[];
  /** T in [from, to). */
  readonly range?: Range;
  /** Only this endpoint's rows, where the files have the column. */
  readonly endpoint?: string;
}

/** `time`: as known at T. `position`: what the store had applied. */
export type ReplayMode = 'time' | 'position';

/** The spine in memory, ordered by (at, prediction_id): row i is the i-th of each array. */
export interface SpineRows {
  readonly ids: string[];
  readonly at: number[];
  /** JSON, parsed when it is needed: a million small objects held at once cost more to collect than to parse again. */
  readonly keys: string[];
  readonly requests: string[];
  readonly position: number[];
  readonly rows: number;
}

/** The FROM and WHERE of a spine. */
export function spineSql({ files, range, endpoint }: Spine): { from: string; params: (string | number)[] } {
  const where: string[] = [];
  const params: (string | number)[] = [];
  if (range !== undefined) {
    where.push('"at" >= ? AND "at" < ?');
    params.push(range.from, range.to);
  }
  if (endpoint !== undefined) {
    where.push('endpoint = ?');
    params.push(endpoint);
  }
  return { from: `read_parquet(${fileList(files)}, union_by_name = true)${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''}`, params };
}

/** Loads a spine. `extra` are further SQL columns of its files, handed row by row to `onRow` in the spine's order. */
export async function loadSpine(db: Db, spine: Spine, mode: ReplayMode, extra: readonly string[] = [], onRow?: (values: readonly Value[]) => void): Promise<SpineRows> {
  const loaded = { ids: [] as string[], at: [] as number[], keys: [] as string[], requests: [] as string[], position: [] as number[] };
  if (spine.files.length === 0) return { ...loaded, rows: 0 };
  const { from, params } = spineSql(spine);
  // A time is below 2^53, so a double holds it, and doubles cross from the engine faster than BIGINTs.
  const columns = ['prediction_id', '"at"::DOUBLE', 'keys', 'request', ...(mode === 'position' ? ['position::DOUBLE'] : []), ...extra];
  const fixed = columns.length - extra.length;
  for await (const chunk of db.stream(`SELECT ${columns.join(', ')} FROM ${from} ORDER BY "at", prediction_id`, params)) {
    const [ids, at, keys, requests, positions] = chunk.columns;
    for (let row = 0; row < chunk.rows; row += 1) {
      loaded.ids.push(ids?.[row] as string);
      loaded.at.push(at?.[row] as number);
      loaded.keys.push(keys?.[row] as string);
      loaded.requests.push(requests?.[row] as string);
      if (mode === 'position') loaded.position.push(positions?.[row] as number);
      onRow?.(chunk.columns.slice(fixed).map((column) => (column[row] ?? null) as Value));
    }
  }
  return { ...loaded, rows: loaded.ids.length };
}
