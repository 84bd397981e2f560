import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB, type Db } from '@mettle/duckdb';
import { judgedCtes, judgedSums, meansOf, type JudgedSum } from './losses.ts';

let db: Db;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mettle-losses-'));
  db = await openDuckDB({ tempDirectory: folder });
});
afterAll(async () => {
  db.close();
  await rm(folder, { recursive: true, force: true });
});

const T = 1_363_000_000_000_000;

describe('losses of scored rows', () => {
  it('count no label whose outcome precedes T', async () => {
    const outcomes = { late: 1, equal: 0, early: -1 };
    const scored = Object.keys(outcomes).map((id) => `('${id}', ${T}, 'e', '{}', 0.8::DOUBLE)`).join(', ');
    const labels = Object.entries(outcomes).map(([id, after], i) => `('${id}', NULL, NULL, NULL::BIGINT, 1::DOUBLE, ${T + after}, ${T + 5}, ${i})`).join(', ');
    const table = `(SELECT * FROM (VALUES ${labels}) l(prediction_id, endpoint, keys, "at", value, event_time, known_at, sequence))`;
    const sums = await db.all<JudgedSum>(`WITH scored AS (SELECT * FROM (VALUES ${scored}) s(prediction_id, "at", endpoint, keys, p)), ${judgedCtes(table, T + 9)} ${judgedSums}`);
    expect(meansOf(sums)).toMatchObject({ rows: 3, labelled: 2, mean: 0.223143551 });
  });
});
