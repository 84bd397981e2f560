import type { Value } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { fileList, sqlName } from '@mettle/duckdb';
import type { SourceIR } from '@mettle/feature-language';

/** Events of one source, column by column, as the reducers want them. */
export interface EventColumns {
  readonly rows: number;
  readonly keys: readonly (readonly (string | number)[])[];
  readonly retract: readonly boolean[];
  /** Only where a retraction names the id; otherwise empty. */
  readonly ids: readonly string[];
  readonly eventTime: readonly number[];
  readonly knownAt: readonly number[];
  readonly sequence: readonly number[];
  readonly values: readonly (readonly Value[])[];
}

export interface EventQuery {
  readonly source: SourceIR;
  readonly files: readonly string[];
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  /** Leading ORDER BY: by entity, or by time alone. */
  readonly byEntity: boolean;
  readonly order: 'time' | 'position';
  /** Nothing with eventTime <= after matters. */
  readonly after: number | null;
  /** Nothing with knownAt (or sequence) beyond matters. */
  readonly until: number;
}

const FIXED = 5;

/** Streams a source's events in total order, sorted by DuckDB within its memory limit. */
export async function* streamEvents(db: Db, { source, files, keys, columns, byEntity, order, after, until }: EventQuery): AsyncGenerator<EventColumns, void, undefined> {
  if (files.length === 0) return;
  const table = `read_parquet(${fileList(files)}, union_by_name = true)`;
  const [corrections] = await db.all<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE op = 'retract'`);
  const id = (corrections?.n ?? 0) > 0 ? `CASE WHEN event_id IN (SELECT event_id FROM ${table} WHERE op = 'retract') THEN event_id ELSE '' END` : "''";
  const key = keys.map((name) => (source.keys[name] === 'int64' ? `${sqlName(`k_${name}`)}::DOUBLE` : sqlName(`k_${name}`)));
  const value = columns.map((name) => {
    const type = source.columns[name]?.type;
    return type === 'int64' || type === 'timestamp' ? `${sqlName(`v_${name}`)}::DOUBLE` : sqlName(`v_${name}`);
  });
  const time = order === 'time' ? 'known_at, event_time, "sequence"' : '"sequence"';
  const sql = `SELECT op = 'retract', ${id}, event_time::DOUBLE, known_at::DOUBLE, "sequence"::DOUBLE${[...key, ...value].map((part) => `, ${part}`).join('')}
    FROM ${table} WHERE ${order === 'time' ? 'known_at' : '"sequence"'} <= ?${after === null ? '' : ' AND event_time > ?'}${keys.map((name) => ` AND ${sqlName(`k_${name}`)} IS NOT NULL`).join('')}
    ORDER BY ${byEntity ? `${keys.map((name) => sqlName(`k_${name}`)).join(', ')}, ` : ''}${time}`;
  for await (const chunk of db.stream(sql, after === null ? [until] : [until, after])) {
    const [retract, ids, eventTime, knownAt, sequence] = chunk.columns as [readonly boolean[], readonly string[], readonly number[], readonly number[], readonly number[]];
    yield {
      rows: chunk.rows, retract, ids, eventTime, knownAt, sequence,
      keys: chunk.columns.slice(FIXED, FIXED + keys.length) as (string | number)[][],
      values: chunk.columns.slice(FIXED + keys.length) as Value[][],
    };
  }
}
