import type { EventRecord } from '@mettle/contracts';
import type { Column, ColumnType } from '@mettle/duckdb';
import type { Services } from './definitions.ts';
import type { Draft } from './segment-writer.ts';
import { EVENT_COLUMNS, KEY_COLUMN, VALUE_COLUMN } from './tables.ts';

const INFERRED: Record<string, ColumnType> = { number: 'DOUBLE', string: 'VARCHAR', boolean: 'BOOLEAN' };

/** Columns of a source that no service declares yet: by the values that came. */
function inferred(records: readonly EventRecord[], part: 'keys' | 'values'): Map<string, ColumnType> {
  const types = new Map<string, ColumnType>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record[part])) {
      const type = part === 'keys' && typeof value === 'number' ? 'BIGINT' : INFERRED[typeof value];
      if (type !== undefined) types.set(name, type);
    }
  }
  return types;
}

function columnsOf(records: readonly EventRecord[], name: string, services: Services): { keys: Map<string, ColumnType>; values: Map<string, ColumnType> } {
  const keys = new Map<string, ColumnType>();
  const values = new Map<string, ColumnType>();
  const declared = services.sources(name);
  for (const source of declared) {
    for (const [key, type] of Object.entries(source.keys)) keys.set(key, KEY_COLUMN[type]);
    for (const [column, { type }] of Object.entries(source.columns)) values.set(column, VALUE_COLUMN[type]);
  }
  for (const [key, type] of declared.length === 0 ? inferred(records, 'keys') : []) keys.set(key, type);
  // A column that was added to the source after these services were written is kept too.
  for (const [column, type] of inferred(records, 'values')) if (!values.has(column)) values.set(column, type);
  return { keys, values };
}

/** One draft per source. */
export function eventDrafts(records: readonly EventRecord[], services: Services): Draft[] {
  const bySource = new Map<string, EventRecord[]>();
  for (const record of records) {
    const group = bySource.get(record.source);
    if (group === undefined) bySource.set(record.source, [record]);
    else group.push(record);
  }
  return [...bySource].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]): Draft => {
    // The writer numbers without gaps, so a sequence that is there twice is the same record from a repeated piece.
    const unique = [...new Map(group.map((record) => [record.sequence, record])).values()];
    const { keys, values } = columnsOf(unique, name, services);
    const sorted = (columns: Map<string, ColumnType>): [string, ColumnType][] => [...columns].sort(([a], [b]) => (a < b ? -1 : 1));
    const columns: Column[] = [
      ...EVENT_COLUMNS,
      ...sorted(keys).map(([key, type]) => ({ name: `k_${key}`, type })),
      ...sorted(values).map(([column, type]) => ({ name: `v_${column}`, type })),
    ];
    const data: unknown[][] = [
      unique.map((r) => r.sequence), unique.map((r) => r.partition), unique.map((r) => r.eventId), unique.map((r) => r.op), unique.map((r) => r.revision),
      unique.map((r) => r.eventTime), unique.map((r) => r.knownAt), unique.map((r) => r.publishedAt),
      ...sorted(keys).map(([key]) => unique.map((r) => r.keys[key])),
      ...sorted(values).map(([column]) => unique.map((r) => r.values[column])),
    ];
    const sequences = data[0] as number[];
    let [from, to] = [Infinity, -Infinity];
    for (const sequence of sequences) [from, to] = [Math.min(from, sequence), Math.max(to, sequence)];
    return { table: 'events', name, columns, data, times: data[6] as number[], sequences: { from, to }, orderBy: 'sequence' };
  });
}
