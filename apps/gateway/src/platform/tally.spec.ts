import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openBlobStore } from '@mettle/blob-store';
import type { SegmentRef, SegmentTable } from '@mettle/contracts';
import { createEngine } from './engine.ts';
import { tallyOf } from './tally.ts';

describe('the tally of sealed data', async () => {
  const home = await mkdtemp(join(tmpdir(), 'mettle-tally-'));
  const blobs = openBlobStore(join(home, 'blobs'));
  const engine = createEngine(join(home, 'tmp'));
  afterAll(() => engine.close());
  const segment = async (table: SegmentTable, columns: string, ...rows: string[]): Promise<SegmentRef> => {
    const path = blobs.temporary();
    await (await engine.open()).run(`COPY (SELECT * FROM (VALUES ${rows.join(', ')}) t(${columns})) TO '${path}' (FORMAT parquet)`);
    const { hash, bytes } = await blobs.putFile(path);
    return { table, name: '', hash, bytes, rows: rows.length, range: { from: 0, to: 1 }, sequences: { from: 1, to: 1 } };
  };

  it('counts predictions once, labels once, and parks those of no known prediction', async () => {
    const predictions = await segment('predictions', 'prediction_id, keys, "at", served', "('p1', '{}', 1, true)", "('p1', '{}', 1, false)", "('p2', '{\"a\":1}', 2, true)");
    const observations = await segment('observations', 'prediction_id, keys, "at"', "('o1', '{\"a\":2}', 3)");
    const labels = await segment('labels', 'label_id, prediction_id, keys, "at"',
      "('l1', 'p1', NULL, NULL)", "('l1', 'p1', NULL, NULL)", "('l2', 'o1', NULL, NULL)", "('l3', 'p9', NULL, NULL)", "('l4', NULL, '{\"a\":1}', 2)", "('l5', NULL, '{\"a\":1}', 9)");
    const deps = { blobs, engine };
    expect(await tallyOf([predictions, observations, labels], deps)).toEqual({ predictions: 2, observations: 1, labels: 5, parkedLabels: 2 });
    expect(await tallyOf([labels], deps)).toEqual({ predictions: 0, observations: 0, labels: 5, parkedLabels: 5 });
    expect(await tallyOf([predictions], deps)).toEqual({ predictions: 2, observations: 0, labels: 0, parkedLabels: 0 });
    expect(await tallyOf([], deps)).toEqual({ predictions: 0, observations: 0, labels: 0, parkedLabels: 0 });
  });
});
