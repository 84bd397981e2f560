import type { EventRecord, Keys, Value } from '@mettle/contracts';
import { canonicalJson, hours, minutes } from '@mettle/contracts';
import type { Column, Db } from '@mettle/duckdb';
import { writeParquet } from '@mettle/duckdb';
import type { SourceIR } from '@mettle/feature-language';
import { landings, weather } from './project.ts';

/** mulberry32: chance that a seed repeats. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const START = 1_362_700_800_000_000; // 2013-03-08T00:00:00Z

export interface Prediction {
  readonly predictionId: string;
  readonly keys: Keys;
  readonly request: Record<string, Value>;
  readonly at: number;
}

const ORIGINS = ['EWR', 'JFK', 'LGA', ''];

/**
 * A log as it would be written: events in order of knownAt with late arrivals, announcements of the future, equal
 * times, nulls, corrections of values and of times, withdrawals.
 */
export function createLog(seed: number, size: number, span = hours(48)): EventRecord[] {
  const random = chance(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const records: EventRecord[] = [];
  const live: EventRecord[] = [];
  const valuesOf = (source: string): Record<string, Value> =>
    source === 'weather'
      ? { temp: random() < 0.1 ? null : Math.round((random() * 60 - 20) * 100) / 100, sky: pick(['clear', 'rain', null]), gust: random() < 0.3 ? null : random() * 40 }
      : { arr_delay: random() < 0.1 ? null : Math.round((random() * 200 - 40) * 10) / 10, seats: random() < 0.1 ? null : Math.floor(random() * 300) };
  const push = (knownAt: number, record: Pick<EventRecord, 'eventId' | 'source' | 'keys' | 'values' | 'eventTime' | 'op' | 'revision'>): EventRecord => {
    const full: EventRecord = { v: 1, schema: '0'.repeat(64), ...record, publishedAt: knownAt, partition: 0, sequence: records.length + 1, knownAt };
    records.push(full);
    return full;
  };
  for (let n = 0; n < size; n += 1) {
    const knownAt = START + Math.floor((n / size) * (span / minutes(5))) * minutes(5);
    const source = random() < 0.3 ? 'weather' : 'landings';
    // Half on the half-hour, so that events of one entity often share their time.
    const onGrid = START + Math.floor((knownAt - START) / minutes(30)) * minutes(30) - Math.floor(random() * 4) * minutes(30);
    const eventTime = random() < 0.5 ? onGrid : random() < 0.1 ? knownAt : random() < 0.05 ? knownAt + Math.floor(random() * hours(3)) : knownAt - Math.floor(random() ** 3 * hours(10));
    const keys: Keys = source === 'weather' ? { origin: pick(ORIGINS) } : { origin: pick(ORIGINS), plane: Math.floor(random() * 12) };
    live.push(push(knownAt, { eventId: `e${n}`, source, keys, values: valuesOf(source), eventTime, op: 'assert', revision: 0 }));
    if (random() > 0.12) continue;
    const [old] = live.splice(Math.floor(random() * live.length), 1) as [EventRecord];
    push(knownAt, { ...old, op: 'retract' });
    if (random() < 0.7) live.push(push(knownAt, { ...old, op: 'assert', revision: old.revision + 1, values: valuesOf(old.source), eventTime: random() < 0.5 ? old.eventTime : old.eventTime - minutes(7) }));
  }
  return records;
}

export function createPredictions(seed: number, size: number, span = hours(54)): Prediction[] {
  const random = chance(seed);
  return Array.from({ length: size }, (_, n) => ({
    predictionId: `p${String(n).padStart(6, '0')}`,
    keys: { origin: ['EWR', 'JFK', 'LGA', '', 'XXX'][Math.floor(random() * 5)] as string, plane: Math.floor(random() * 14), more: 'ignored' },
    request: { carrier: random() < 0.1 ? null : 'AA', sched_dep: START + Math.floor(random() * span), distance: 500.4, year: random() < 0.2 ? null : 2001 },
    // Some on the hop, some at the very µs of events, some anywhere.
    at: START + (random() < 0.5 ? Math.floor(random() * (span / minutes(5))) * minutes(5) : Math.floor(random() * span)),
  }));
}

const TYPES = { float64: 'DOUBLE', int64: 'BIGINT', bool: 'BOOLEAN', string: 'VARCHAR', timestamp: 'BIGINT' } as const;

/** One source's events as compaction writes them. */
export async function writeEvents(db: Db, source: SourceIR, records: readonly EventRecord[], path: string): Promise<string> {
  const own = records.filter((record) => record.source === source.name);
  const columns: Column[] = [
    { name: 'sequence', type: 'BIGINT' }, { name: 'partition', type: 'INTEGER' }, { name: 'event_id', type: 'VARCHAR' }, { name: 'op', type: 'VARCHAR' }, { name: 'revision', type: 'INTEGER' },
    { name: 'event_time', type: 'BIGINT' }, { name: 'known_at', type: 'BIGINT' }, { name: 'published_at', type: 'BIGINT' },
    ...Object.entries(source.keys).map(([name, type]): Column => ({ name: `k_${name}`, type: TYPES[type] })),
    ...Object.entries(source.columns).map(([name, { type }]): Column => ({ name: `v_${name}`, type: TYPES[type] })),
  ];
  const rows = own.map((r) => [r.sequence, r.partition, r.eventId, r.op, r.revision, r.eventTime, r.knownAt, r.publishedAt, ...Object.keys(source.keys).map((k) => r.keys[k]), ...Object.keys(source.columns).map((c) => r.values[c])]);
  await writeParquet(db, { columns, rows }, path);
  return path;
}

export const writeAllEvents = async (db: Db, records: readonly EventRecord[], folder: string): Promise<Record<string, string[]>> => {
  const half = Math.floor(records.length / 2);
  const parts = [records.slice(0, half), records.slice(half)];
  return {
    weather: await Promise.all(parts.map((part, i) => writeEvents(db, weather, part, `${folder}/weather-${i}.parquet`))),
    landings: await Promise.all(parts.map((part, i) => writeEvents(db, landings, part, `${folder}/landings-${i}.parquet`))),
  };
};

export async function writeSpine(db: Db, rows: readonly (Prediction & { position?: number })[], path: string): Promise<string> {
  await writeParquet(db, {
    columns: [{ name: 'prediction_id', type: 'VARCHAR' }, { name: 'at', type: 'BIGINT' }, { name: 'keys', type: 'VARCHAR' }, { name: 'request', type: 'VARCHAR' }, { name: 'position', type: 'BIGINT' }],
    rows: rows.map((row) => [row.predictionId, row.at, canonicalJson(row.keys), canonicalJson(row.request), row.position ?? null]),
  }, path);
  return path;
}
