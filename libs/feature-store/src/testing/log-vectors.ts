import type { EventRecord, FeatureVector } from '@mettle/contracts';
import { canonicalJson, FEATURE_STATUSES } from '@mettle/contracts';
import type { Column, Db } from '@mettle/duckdb';
import { writeParquet } from '@mettle/duckdb';
import type { CompiledService } from '@mettle/feature-language';
import type { OnlineStore } from '../online/online-store.ts';
import type { Prediction } from './world.ts';

const TYPES = { float64: 'DOUBLE', int64: 'BIGINT', bool: 'BOOLEAN', string: 'VARCHAR' } as const;

export interface Logged extends Prediction {
  readonly vector: FeatureVector;
  readonly position: number;
}

/** Lives a log: applies batches of uneven size and, between them, reads some predictions at their own T, whatever was applied by then. */
export async function serve(store: OnlineStore, service: CompiledService, records: readonly EventRecord[], predictions: readonly Prediction[]): Promise<Logged[]> {
  const logged: Logged[] = [];
  const every = Math.ceil(predictions.length / 40);
  let applied = 0;
  for (let turn = 0; turn * every < predictions.length; turn += 1) {
    const next = Math.min(records.length, Math.floor(((turn + 1) / 40) * records.length) + (turn % 3));
    await store.apply(records.slice(Math.max(0, applied - 2), next)); // overlaps: what was applied is ignored
    applied = next;
    const rows = predictions.slice(turn * every, (turn + 1) * every);
    (await store.read(service, rows)).forEach((vector, i) => logged.push({ ...(rows[i] as Prediction), vector, position: vector.read[0]?.position ?? -1 }));
  }
  return logged;
}

/** The log's vectors as compaction writes them. */
export async function writeVectors(db: Db, service: CompiledService, logged: readonly Logged[], path: string): Promise<string> {
  const columns: Column[] = [
    { name: 'prediction_id', type: 'VARCHAR' }, { name: 'at', type: 'BIGINT' }, { name: 'keys', type: 'VARCHAR' }, { name: 'request', type: 'VARCHAR' },
    { name: 'position', type: 'BIGINT' }, { name: 'generation', type: 'BIGINT' }, { name: 'statuses', type: 'VARCHAR' },
    ...service.features.map(({ name, type }): Column => ({ name: `f_${name}`, type: TYPES[type] })),
  ];
  const rows = logged.map(({ predictionId, at, keys, request, position, vector }) => [
    predictionId, at, canonicalJson(keys), canonicalJson(request), position, 1, vector.statuses.map((status) => FEATURE_STATUSES.indexOf(status)).join(''), ...vector.values,
  ]);
  await writeParquet(db, { columns, rows }, path);
  return path;
}
