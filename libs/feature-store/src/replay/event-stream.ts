import { randomUUID } from 'node:crypto';
import type { Value } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { fileList, sqlName } from '@mettle/duckdb';
import type { CompiledView, SourceIR } from '@mettle/feature-language';
import type { ReplayMode } from './spine.ts';

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

/** A source's events that a replay can see, read once from its files however many views want them. */
export interface StagedEvents {
  /** Sorted by DuckDB within its memory limit: by the entity of `keys` where asked, then in the replay's order. */
  stream(query: { keys: readonly string[]; columns: readonly string[]; byEntity: boolean; after: number | null }): AsyncGenerator<EventColumns, void, undefined>;
  drop(): Promise<void>;
}

export interface StageInput {
  readonly source: SourceIR;
  readonly files: readonly string[];
  readonly views: readonly CompiledView[];
  readonly order: ReplayMode;
  /** Nothing with eventTime <= after matters; null: all may. */
  readonly after: number | null;
  /** Nothing with knownAt (or sequence) beyond matters. */
  readonly until: number;
}

const FIXED = 5;

// What is integral crosses from the engine as doubles: exact below 2^53, and several times faster than BIGINT.
const column = (name: string, type: string | undefined): string => `${sqlName(name)}${type === 'int64' || type === 'timestamp' ? '::DOUBLE' : ''} AS ${sqlName(name)}`;

/** Copies what the views need into a table of its own. */
export async function stageEvents(db: Db, { source, files, views, order, after, until }: StageInput): Promise<StagedEvents> {
  const table = sqlName(`events_${randomUUID()}`);
  const keys = [...new Set(views.flatMap(({ entityKeys }) => entityKeys))];
  const columns = [...new Set(views.flatMap((view) => view.columns))];
  if (files.length > 0) {
    const selected = [...keys.map((key) => column(`k_${key}`, source.keys[key])), ...columns.map((name) => column(`v_${name}`, source.columns[name]?.type))];
    await db.run(`CREATE TABLE ${table} AS SELECT op = 'retract' AS retract, event_id, event_time::DOUBLE AS event_time, known_at::DOUBLE AS known_at, "sequence"::DOUBLE AS "sequence"${selected.map((part) => `, ${part}`).join('')}
      FROM read_parquet(${fileList(files)}, union_by_name = true) WHERE ${order === 'time' ? 'known_at' : '"sequence"'} <= ${until}${after === null ? '' : ` AND event_time > ${after}`}`);
  }
  const [corrections] = files.length === 0 ? [] : await db.all<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE retract`);
  const id = (corrections?.n ?? 0) > 0 ? `CASE WHEN event_id IN (SELECT event_id FROM ${table} WHERE retract) THEN event_id ELSE '' END` : "''";
  const time = order === 'time' ? 'known_at, event_time, "sequence"' : '"sequence"';

  return {
    async *stream(query) {
      if (files.length === 0) return;
      const names = query.keys.map((name) => sqlName(`k_${name}`));
      const selected = [...names, ...query.columns.map((name) => sqlName(`v_${name}`))];
      const where = [...names.map((name) => `${name} IS NOT NULL`), ...(query.after === null ? [] : [`event_time > ${query.after}`])];
      const sql = `SELECT retract, ${id}, event_time, known_at, "sequence"${selected.map((part) => `, ${part}`).join('')} FROM ${table}
        WHERE ${where.join(' AND ')} ORDER BY ${query.byEntity ? `${names.join(', ')}, ` : ''}${time}`;
      for await (const chunk of db.stream(sql)) {
        const [retract, ids, eventTime, knownAt, sequence] = chunk.columns as [readonly boolean[], readonly string[], readonly number[], readonly number[], readonly number[]];
        yield {
          rows: chunk.rows, retract, ids, eventTime, knownAt, sequence,
          keys: chunk.columns.slice(FIXED, FIXED + names.length) as (string | number)[][],
          values: chunk.columns.slice(FIXED + names.length) as Value[][],
        };
      }
    },
    drop: () => db.run(`DROP TABLE IF EXISTS ${table}`),
  };
}

/** The longest of some horizons; null when one of them is: all time. */
export const longestOf = (horizons: readonly (number | null)[]): number | null =>
  horizons.reduce<number | null>((longest, horizon) => (longest === null || horizon === null ? null : Math.max(longest, horizon)), 0);
