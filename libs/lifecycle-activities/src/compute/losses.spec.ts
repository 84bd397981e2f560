import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabelSpace } from '@mettle/contracts';
import { openDuckDB, type Db } from '@mettle/duckdb';
import { lossSql } from '@mettle/monitoring';
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

const table = (name: string, columns: string, rows: readonly string[]): string => `(SELECT * FROM (VALUES ${rows.join(', ')}) ${name}(${columns}))`;
const scored = (rows: Readonly<Record<string, number>>): string => table('s', 'prediction_id, "at", endpoint, keys, p, probabilities', Object.entries(rows).map(([id, p]) => `('${id}', ${T}, 'e', '{}', ${p}::DOUBLE, NULL::VARCHAR)`));
const labels = (rows: readonly { id: string; value: number; after?: number }[]): string =>
  table('l', 'prediction_id, endpoint, keys, "at", value, event_time, known_at, sequence', rows.map(({ id, value, after = 1 }, i) => `('${id}', NULL, NULL, NULL::BIGINT, ${value}::DOUBLE, ${T + after}, ${T + 5}, ${i})`));
async function meanOf(space: LabelSpace, metric: string, rows: Readonly<Record<string, number>>, known: readonly { id: string; value: number; after?: number }[]) {
  const loss = lossSql(space, metric);
  return meansOf(await db.all<JudgedSum>(`WITH scored AS ${scored(rows)}, ${judgedCtes(labels(known), T + 9, space, loss)} ${judgedSums}`), loss);
}

describe('losses of scored rows', () => {
  it('count no label whose outcome precedes T, and none of another task', async () => {
    const rows = { late: 0.8, equal: 0.8, early: 0.8, odd: 0.8 };
    const known = [{ id: 'late', value: 1, after: 1 }, { id: 'equal', value: 1, after: 0 }, { id: 'early', value: 1, after: -1 }, { id: 'odd', value: 3 }];
    const found = await meanOf({ task: 'binary' }, 'log_loss', rows, known);
    expect(found).toMatchObject({ rows: 4, labelled: 2 });
    expect(found.mean).toBeCloseTo(-Math.log(0.8), 9);
  });

  it('are averaged to the metric that was asked for', async () => {
    const [rows, known] = [{ a: 0.2, b: 0.9, c: 0.9 }, [{ id: 'a', value: 1 }, { id: 'b', value: 1 }, { id: 'c', value: 1 }]];
    expect((await meanOf({ task: 'binary' }, 'accuracy', rows, known)).mean).toBeCloseTo(2 / 3, 9);
    expect((await meanOf({ task: 'regression' }, 'mae', { a: 3, b: -1 }, known)).mean).toBeCloseTo(2, 12);
    expect((await meanOf({ task: 'regression' }, 'mse', { a: 2e8, b: -1 }, known))).toMatchObject({ rows: 2, labelled: 1, mean: 4 });
  });
});
