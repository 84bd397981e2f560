import { statusDigits, type Value } from '@mettle/contracts';
import type { Column, Db } from '@mettle/duckdb';
import { writeParquet } from '@mettle/duckdb';
import type { FeatureType, ServiceDefinition } from '@mettle/feature-language';
import { compileService } from '@mettle/feature-language';
import type { EventFiles } from './replay-vectors.ts';
import { replayVectors } from './replay-vectors.ts';
import type { ReplayMode, Spine } from './spine.ts';
import { loadSpine } from './spine.ts';

/** The column type of a feature in vectors' Parquet files. */
export const COLUMN_TYPES: Record<FeatureType, Column['type']> = { float64: 'DOUBLE', int64: 'BIGINT', bool: 'BOOLEAN', string: 'VARCHAR' };

export interface JoinInput {
  readonly db: Db;
  readonly definition: ServiceDefinition;
  readonly eventFiles: EventFiles;
  readonly spine: Spine;
  /** Default: as known at T. */
  readonly mode?: ReplayMode;
  /** Writes `statuses` too, a digit per feature, before the features. Default: false, which reads fewer events. */
  readonly statuses?: boolean;
  /** Where to write prediction_id, at, f_<feature>..., ordered by (at, prediction_id). */
  readonly out: string;
}

/** The point-in-time join: a replay of the reducers over the events, read at each row of the spine. */
export async function joinPointInTime({ db, definition, eventFiles, spine, mode = 'time', statuses = false, out }: JoinInput): Promise<{ rows: number }> {
  const service = compileService(definition);
  const rows = await loadSpine(db, spine, mode);
  const features = service.features.map(() => new Array<Value>(rows.rows));
  const digits = new Array<string>(statuses ? rows.rows : 0);
  await replayVectors({ db, service, eventFiles, spine: rows, mode, statuses }, (row, { values, statuses: found }) => {
    if (statuses) digits[row] = statusDigits(found);
    for (let feature = 0; feature < features.length; feature += 1) (features[feature] as Value[])[row] = values[feature] as Value;
  });
  const columns: Column[] = [
    { name: 'prediction_id', type: 'VARCHAR' },
    { name: 'at', type: 'BIGINT' },
    ...(statuses ? [{ name: 'statuses', type: 'VARCHAR' } as const] : []),
    ...service.features.map(({ name, type }): Column => ({ name: `f_${name}`, type: COLUMN_TYPES[type] })),
  ];
  return writeParquet(db, { columns, data: [rows.ids, rows.at, ...(statuses ? [digits] : []), ...features] }, out);
}
