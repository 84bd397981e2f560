import type { Catalogue, TimeUs } from '@mettle/contracts';
import { fileList, sqlString, tableOf } from '@mettle/duckdb';
import { LABEL_COLUMNS, OBSERVATION_COLUMNS } from '../compact/tables.ts';
import { mergedFiles, type Reader } from './merged-files.ts';

/**
 * Labels known at asOf whose prediction nobody has seen yet: they are kept and wait for it. Counted by labelId; a label
 * that names another endpoint is not this one's.
 */
export async function parkedLabels({ catalogue, asOf, ...reader }: Reader & { readonly catalogue: Catalogue; readonly asOf: TimeUs }): Promise<number> {
  const { db, blobs } = reader;
  const labels = tableOf(await mergedFiles(reader, catalogue.segments.filter((one) => one.table === 'labels' && one.range.from <= asOf)), LABEL_COLUMNS);
  const seen = await Promise.all(catalogue.segments.filter((one) => ['observations', 'predictions', 'vectors'].includes(one.table) && one.rows > 0).map(({ hash }) => blobs.path(hash)));
  const rows = seen.length === 0 ? tableOf([], OBSERVATION_COLUMNS) : `read_parquet(${fileList(seen)}, union_by_name = true)`;
  const [found] = await db.all<{ parked: number }>(`
    WITH rows AS MATERIALIZED (SELECT DISTINCT prediction_id, endpoint, "at", keys FROM ${rows}),
      known AS (SELECT DISTINCT label_id, prediction_id, endpoint, keys, "at" FROM ${labels} WHERE known_at <= ${asOf})
    SELECT (SELECT count(*) FROM known l ANTI JOIN rows r ON r.prediction_id = l.prediction_id WHERE l.prediction_id IS NOT NULL)
      + (SELECT count(*) FROM known l ANTI JOIN rows r ON r.endpoint = l.endpoint AND r.keys = l.keys AND r."at" = l."at" WHERE l.prediction_id IS NULL AND l.endpoint = ${sqlString(catalogue.endpoint)}) AS parked`);
  return found?.parked ?? 0;
}
