import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LABEL_COLUMNS, PREDICTION_COLUMNS, buildSnapshot } from '@mettle/datasets';
import type { Catalogue, ComputeActivities, LabelSpace, Range, SegmentTable, Value } from '@mettle/contracts';
import { copyToParquet, fileList, sqlString, tableOf, writeParquet, type Column } from '@mettle/duckdb';
import type { ComputeDeps } from './deps.ts';
import { lossSql } from '@mettle/monitoring';
import { judgedCtes, judgedSums, meansOf, type JudgedSum } from './losses.ts';
import type { Memory } from './remember.ts';
import type { Records } from './records.ts';
import { answers, BATCH_ROWS, featureColumns } from './scoring.ts';
import type { ComputeHandlers } from '../handlers.ts';

const text = (name: string): Column => ({ name, type: 'VARCHAR' });
const big = (name: string): Column => ({ name, type: 'BIGINT' });
const SCORED: Column[] = [text('prediction_id'), big('at'), text('endpoint'), text('keys'), { name: 'p', type: 'DOUBLE' }, text('probabilities')];

type Slice = Parameters<ComputeActivities['score']>[0]['schedule'][number] & { readonly range: Range };

/** Losses over a stretch of time: of versions that may never have served, and of what was served. */
export function scoreActivities({ db, blobs, home }: ComputeDeps, records: Records, remember: Memory): Pick<ComputeHandlers, 'score' | 'servedLoss'> {
  /** Labels of predictions with T in the range: an outcome is known after its prediction's T, however late. */
  const labels = async (catalogue: Catalogue, range: Range): Promise<string> => tableOf(await records.files(catalogue, 'labels' satisfies SegmentTable, undefined, { from: range.from, to: Number.MAX_SAFE_INTEGER }), LABEL_COLUMNS);

  /**
   * A service's vectors in a stretch of time: those that were logged, or, where some predictions were served while no
   * version of the service was on the route, the point-in-time join of them all, which the audit holds to be the same bits.
   */
  const vectorsOf = async (catalogue: Catalogue, { range, service, definition: blob }: Slice): Promise<string> => {
    const logged = await records.files(catalogue, 'vectors', service, range);
    const count = async (table: string): Promise<number> => {
      const [row] = await db.all<{ n: number }>(`SELECT count(DISTINCT prediction_id)::INTEGER AS n FROM ${table} WHERE "at" >= ${range.from} AND "at" < ${range.to}`);
      return row?.n ?? 0;
    };
    const predictions = tableOf(await records.files(catalogue, 'predictions', '', range), PREDICTION_COLUMNS);
    const served = await count(predictions);
    if (served === 0 || (logged.length > 0 && (await count(`read_parquet(${fileList(logged)})`)) >= served)) {
      return logged.length === 0 ? '' : `read_parquet(${fileList(logged)})`;
    }
    const { manifest } = await buildSnapshot({ db, blobs, catalogue, definition: await records.definition(blob), asOf: catalogue.watermark, range, cacheDir: join(home, 'cache') });
    const joined = (await records.manifest(manifest)).partitions.map((one) => one.hash);
    // A label may name a row by its keys, which a data version does not hold.
    return `(SELECT v.*, coalesce(k.keys, '{}') AS keys FROM read_parquet(${fileList(await records.paths(joined))}) v LEFT JOIN (SELECT prediction_id, min(keys) AS keys FROM ${predictions} GROUP BY prediction_id) k USING (prediction_id))`;
  };

  /** Scores a service's vectors in a stretch of time, each prediction once. */
  const scoreSlice = async (catalogue: Catalogue, slice: Slice, seen: Set<string>, out: (row: unknown[]) => void): Promise<void> => {
    const { range, definition: blob, file, fitted } = slice;
    const table = range.from >= range.to ? '' : await vectorsOf(catalogue, slice);
    if (table === '') return;
    const definition = await records.definition(blob);
    const model = await records.model(file, fitted, definition);
    try {
      let rows: unknown[][] = [];
      let vectors: Value[][] = [];
      const flush = async (): Promise<void> => {
        if (vectors.length === 0) return;
        for (const [i, { p, probabilities }] of (await answers(model, vectors)).entries()) out([...(rows[i] as unknown[]), p, probabilities]);
        rows = [];
        vectors = [];
      };
      const sql = `SELECT prediction_id, "at"::DOUBLE, keys, ${featureColumns(definition).join(', ')} FROM ${table} WHERE "at" >= ? AND "at" < ? ORDER BY "at", prediction_id`;
      for await (const chunk of db.stream(sql, [range.from, range.to])) {
        const [ids = [], at = [], keys = [], ...features] = chunk.columns;
        for (let row = 0; row < chunk.rows; row += 1) {
          const id = ids[row] as string;
          if (seen.has(id)) continue;
          seen.add(id);
          rows.push([id, at[row], catalogue.endpoint, keys[row]]);
          vectors.push(features.map((column) => (column[row] ?? null) as Value));
        }
        if (vectors.length >= BATCH_ROWS) await flush();
      }
      await flush();
    } finally {
      await model.close();
    }
  };

  return {
    score: (input) => remember('score', input, async () => {
      const { catalogue: hash, range, schedule, space, metric } = input;
      const loss = lossSql(space, metric);
      const catalogue = await records.catalogue(hash);
      const slices = [...schedule].sort((a, b) => a.from - b.from).map((one, i, all): Slice => ({
        ...one, range: { from: i === 0 ? range.from : Math.max(range.from, one.from), to: Math.min(range.to, all[i + 1]?.from ?? range.to) },
      }));
      const draft = blobs.temporary();
      const result = blobs.temporary();
      try {
        const scored: unknown[][] = [];
        const seen = new Set<string>();
        for (const slice of slices) await scoreSlice(catalogue, slice, seen, (row) => scored.push(row));
        await writeParquet(db, { columns: SCORED, rows: scored }, draft);
        const judged = `WITH scored AS (SELECT * FROM read_parquet(${sqlString(draft)})), ${judgedCtes(await labels(catalogue, range), catalogue.watermark, space, loss)}`;
        const sums = await db.all<JudgedSum>(`${judged} ${judgedSums}`);
        await copyToParquet(db, `${judged} SELECT prediction_id, "at", p, label${space.task === 'multiclass' ? ', CAST(probabilities AS DOUBLE[]) AS probabilities' : ''} FROM judged ORDER BY "at", prediction_id`, result);
        return { scores: (await blobs.putFile(result)).hash, ...meansOf(sums, loss) };
      } finally {
        await Promise.all([rm(draft, { force: true }), rm(result, { force: true })]);
      }
    }),
    servedLoss: (input) => remember('servedLoss', input, async () => {
      const { catalogue: hash, range, space, metric } = input;
      const loss = lossSql(space, metric);
      const catalogue = await records.catalogue(hash);
      const predictions = tableOf(await records.files(catalogue, 'predictions', '', range), PREDICTION_COLUMNS);
      const served = `served AS MATERIALIZED (SELECT prediction_id, "at", endpoint, keys, p, ${wide(space)} AS probabilities FROM ${predictions} WHERE served AND endpoint = ${sqlString(catalogue.endpoint)} AND "at" >= ${range.from} AND "at" < ${range.to}),
        scored AS MATERIALIZED (SELECT prediction_id, any_value("at" ORDER BY "at") AS "at", any_value(endpoint) AS endpoint, any_value(keys ORDER BY keys) AS keys, any_value(p ORDER BY p) AS p, any_value(probabilities ORDER BY p, probabilities) AS probabilities FROM served GROUP BY prediction_id)`;
      const [counts] = await db.all<{ all: number }>(`WITH ${served} SELECT count(*)::INTEGER AS "all" FROM served`);
      const { rows, ...means } = meansOf(await db.all<JudgedSum>(`WITH ${served}, ${judgedCtes(await labels(catalogue, range), catalogue.watermark, space, loss)} ${judgedSums}`), loss);
      return { served: rows, duplicated: (counts?.all ?? 0) - rows, ...means };
    }),
  };
}

/** Only metrics of classes read the wide column. */
const wide = ({ task }: LabelSpace): string => (task === 'multiclass' ? 'probabilities' : 'NULL::VARCHAR');
