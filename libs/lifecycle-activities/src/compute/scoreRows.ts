import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { versionKey, type SegmentRef, type Signature, type Value } from '@mettle/contracts';
import { batchParts, batchSegments, type BatchPart } from '@mettle/datasets';
import { copyToParquet, fileList, sqlName, sqlString, writeParquet, type Column } from '@mettle/duckdb';
import { compileService, type CompiledService, type ServiceDefinition } from '@mettle/feature-language';
import type { LoadedModel } from '@mettle/inference';
import type { ComputeDeps } from './deps.ts';
import type { Memory } from './remember.ts';
import type { Records } from './records.ts';
import { answers, BATCH_ROWS, featureColumns } from './scoring.ts';
import type { ComputeHandlers } from '../handlers.ts';

const SCORES: Column[] = [{ name: 'prediction_id', type: 'VARCHAR' }, { name: 'p', type: 'DOUBLE' }, { name: 'error', type: 'VARCHAR' }, { name: 'probabilities', type: 'VARCHAR' }];

/** Scores rows in batch with what a server would answer, and makes the segments that log them. */
export function scoreRowsActivity({ db, blobs, home }: ComputeDeps, records: Records, remember: Memory): Pick<ComputeHandlers, 'scoreRows'> {
  /** Every row of a part as [prediction_id, p, error, probabilities], in runs of the model's size. */
  const scoresOf = async (model: LoadedModel, definition: ServiceDefinition, part: BatchPart): Promise<unknown[][]> => {
    const scored: unknown[][] = [];
    let ids: string[] = [];
    let vectors: Value[][] = [];
    const flush = async (): Promise<void> => {
      for (const [i, { p, error, probabilities }] of (await answers(model, vectors)).entries()) scored.push([ids[i], p, error, probabilities]);
      ids = [];
      vectors = [];
    };
    for await (const chunk of db.stream(`SELECT prediction_id, ${featureColumns(definition).join(', ')} FROM ${part.features} ORDER BY "at", prediction_id`)) {
      const [names = [], ...features] = chunk.columns;
      for (let row = 0; row < chunk.rows; row += 1) {
        ids.push(names[row] as string);
        vectors.push(features.map((column) => (column[row] ?? null) as Value));
      }
      if (vectors.length >= BATCH_ROWS) await flush();
    }
    await flush();
    return scored;
  };

  return {
    scoreRows: (input) => remember('scoreRows', input, async () => {
      const [catalogue, definition] = await Promise.all([records.catalogue(input.catalogue), records.definition(input.definition)]);
      const { endpoint } = catalogue;
      const { version } = input;
      const model = await records.model(input.file, input.fitted, definition);
      const service = compileService(definition);
      const drafts: string[] = [];
      const result = blobs.temporary();
      const segments: SegmentRef[] = [];
      try {
        for await (const part of batchParts({ db, blobs, catalogue, definition, source: input.source, cacheDir: join(home, 'cache') })) {
          const [scores, answered] = [blobs.temporary(), blobs.temporary()];
          drafts.push(scores, answered);
          await writeParquet(db, { columns: SCORES, rows: await scoresOf(model, definition, part) }, scores);
          const table = `read_parquet(${sqlString(scores)})`;
          segments.push(...(await batchSegments({ db, blobs, endpoint, version, definition, part, scores: table })));
          await copyToParquet(db, `SELECT r.prediction_id, r."at", ${keyColumns(service)}s.p, s.error, ${sqlString(versionKey(version))} AS version${classColumns(model.signature)} FROM ${part.rows} r JOIN ${table} s USING (prediction_id) ORDER BY r."at", r.prediction_id`, answered);
          await rm(scores, { force: true });
        }
        const answered = drafts.filter((_, i) => i % 2 === 1);
        await copyToParquet(db, `SELECT * FROM read_parquet(${fileList(answered)}) ORDER BY "at", prediction_id`, result);
        const [sums] = await db.all<{ rows: number; failed: number; first: number; last: number }>(`SELECT count(*) AS rows, count(error) AS failed, min("at") AS first, max("at") AS last FROM read_parquet(${sqlString(result)})`);
        return {
          endpoint, version, scores: (await blobs.putFile(result)).hash, rows: sums?.rows ?? 0, failed: sums?.failed ?? 0,
          vectors: segments.filter(({ table }) => table === 'vectors').reduce((sum, { rows }) => sum + rows, 0),
          range: { from: sums?.first ?? 0, to: (sums?.last ?? 0) + 1 }, segments,
        };
      } finally {
        await model.close();
        await Promise.all([...drafts, result].map((path) => rm(path, { force: true })));
      }
    }),
  };
}

/** The predicted class (the first with the greatest probability) and all probabilities, where the model tells three or more classes apart. */
const classColumns = ({ outputs }: Signature): string => {
  const q = 'CAST(s.probabilities AS DOUBLE[])';
  return outputs.some(({ name, shape }) => name === 'probabilities' && (shape[1] ?? 0) > 2) ? `, (list_position(${q}, list_max(${q})) - 1)::INTEGER AS class, ${q} AS probabilities` : '';
};

/** `k_<key>` of each entity key, out of the row's keys. */
const keyColumns = ({ joinKeys, keyTypes }: CompiledService): string =>
  joinKeys.map((name) => {
    const text = `json_extract_string(r.keys, ${sqlString(`$."${name.replaceAll('"', '\\"')}"`)})`;
    return `${keyTypes[name] === 'int64' ? `${text}::BIGINT` : text} AS ${sqlName(`k_${name}`)}, `;
  }).join('');
