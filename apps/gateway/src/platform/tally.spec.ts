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

  it('counts predictions once, labels once, and parks those of no known prediction, of this endpoint alone', async () => {
    const target = 'prediction_id, endpoint, keys, "at"';
    const predictions = await segment('predictions', `${target}, served`, "('p1', 'e', '{}', 1, true)", "('p1', 'e', '{}', 1, false)", "('p2', 'e', '{\"a\":1}', 2, true)", "('q1', 'other', '{\"a\":1}', 9, true)");
    const observations = await segment('observations', target, "('o1', 'e', '{\"a\":2}', 3)", "('x1', 'other', '{}', 4)");
    const labels = await segment('labels', `label_id, event_time, value, ${target}`,
      "('l1', 9, 1, 'p1', NULL, NULL, NULL)", "('l1', 9, 1, 'p1', NULL, NULL, NULL)", "('l2', 9, 1, 'o1', NULL, NULL, NULL)", "('l3', 9, 1, 'p9', NULL, NULL, NULL)", "('l4', 9, 1, NULL, 'e', '{\"a\":1}', 2)", "('l5', 9, 1, NULL, 'e', '{\"a\":1}', 9)",
      "('m1', 9, 1, 'q1', NULL, NULL, NULL)", "('m2', 9, 1, 'x1', NULL, NULL, NULL)", "('m3', 9, 1, NULL, 'other', '{}', 7)");
    const deps = { blobs, engine };
    const space = { task: 'binary' } as const;
    expect(await tallyOf({ endpoint: 'e', space }, [predictions, observations, labels], deps)).toEqual({ predictions: 2, observations: 1, labels: 5, parkedLabels: 2, earlyLabels: 0, unfitLabels: 0 });
    expect(await tallyOf({ endpoint: 'other', space }, [predictions, observations, labels, labels], deps)).toEqual({ predictions: 1, observations: 1, labels: 4, parkedLabels: 2, earlyLabels: 0, unfitLabels: 0 });
    expect(await tallyOf({ endpoint: 'e', space }, [labels], deps)).toEqual({ predictions: 0, observations: 0, labels: 7, parkedLabels: 7, earlyLabels: 0, unfitLabels: 0 });
    const early = await segment('labels', `label_id, event_time, value, ${target}`, "('l6', 1, 1, 'p2', NULL, NULL, NULL)", "('l7', 2, 1, 'p2', NULL, NULL, NULL)", "('l8', 2, 2, 'o1', NULL, NULL, NULL)", "('m4', 8, 1, 'q1', NULL, NULL, NULL)");
    expect(await tallyOf({ endpoint: 'e', space }, [predictions, observations, early], deps)).toEqual({ predictions: 2, observations: 1, labels: 3, parkedLabels: 0, earlyLabels: 2, unfitLabels: 1 });
    expect(await tallyOf({ endpoint: 'e', space }, [predictions], deps)).toEqual({ predictions: 2, observations: 0, labels: 0, parkedLabels: 0, earlyLabels: 0, unfitLabels: 0 });
    expect(await tallyOf({ endpoint: 'e', space }, [], deps)).toEqual({ predictions: 0, observations: 0, labels: 0, parkedLabels: 0, earlyLabels: 0, unfitLabels: 0 });
  });
});
