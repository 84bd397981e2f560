import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LARGEST_REGRESSION_VALUE, type LabelSpace } from '@mettle/contracts';
import { sqlDouble } from '@mettle/duckdb';
import { rowLoss } from '@mettle/evaluation';
import { createRandom } from '@mettle/statistics';
import { lossSql, scoreSql } from './losses.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => { world = await openWorld(); });
afterAll(() => world.close());

const random = createRandom(5);
const draw = <T>(of: () => T): T[] => Array.from({ length: 200 }, of);
const shares = (): number[] => {
  const all = Array.from({ length: 4 }, () => random.next());
  const sum = all.reduce((a, b) => a + b, 0);
  return all.map((share) => share / sum);
};
const CASES: { space: LabelSpace; metrics: string[]; rows: { label: number; scores: number[] }[] }[] = [
  { space: { task: 'binary' }, metrics: ['log_loss', 'brier', 'zero_one', 'accuracy'], rows: [...draw(() => ({ label: random.below(2), scores: [random.next()] })), { label: 1, scores: [0] }, { label: 0, scores: [0.5] }] },
  { space: { task: 'multiclass', classes: 4 }, metrics: ['log_loss', 'brier', 'zero_one', 'accuracy'], rows: [...draw(() => ({ label: random.below(4), scores: shares() })), { label: 3, scores: [0.5, 0.5, 0, 0] }, { label: 1, scores: [0.5, 0.5, 0, 0] }] },
  { space: { task: 'regression' }, metrics: ['mae', 'mse', 'huber@1.5', 'clipped_mae@2', 'pinball', 'pinball@0.9', 'pinball@0.1'], rows: [...draw(() => ({ label: 3 * random.normal(), scores: [3 * random.normal()] })), { label: 0, scores: [1.5] }, { label: 2, scores: [2] }] },
];
const table = (space: LabelSpace, rows: { label: number; scores: number[] }[]): string =>
  `(SELECT * FROM (VALUES ${rows.map(({ label, scores }) => `(${sqlDouble(label)}, ${sqlDouble(scores[0] ?? 0)}, ${space.task === 'multiclass' ? `'${JSON.stringify(scores)}'` : 'NULL'}::VARCHAR)`).join(', ')}) r(label, p, probabilities))`;

describe.each(CASES)('losses of $space.task in SQL', ({ space, metrics, rows }) => {
  it.each(metrics)('are those of plain code: %s', async (metric) => {
    const { score, usable } = scoreSql(space);
    const { unit, units, direction } = lossSql(space, metric);
    const want = rowLoss(space.task, metric, space.classes);
    const found = await world.db.all<{ units: number; usable: boolean }>(`SELECT ${units('label', 's')}::DOUBLE AS units, ${usable('s')} AS usable FROM (SELECT *, ${score} AS s FROM ${table(space, rows)})`);
    expect(found.every((row) => row.usable)).toBe(true);
    expect(direction).toBe(want.direction);
    const [labels, scores] = [rows.map(({ label }) => label), rows.flatMap((row) => row.scores)];
    found.forEach((row, k) => expect(Math.abs(row.units * unit - want.of(labels, scores, k)), JSON.stringify(rows[k])).toBeLessThanOrEqual(unit));
  });
});

describe('scores that cannot be judged', () => {
  it.each<[string, LabelSpace, string, boolean]>([
    ['a missing one', { task: 'binary' }, 'NULL::DOUBLE', false], ['NaN', { task: 'regression' }, "'nan'::DOUBLE", false], ['an infinite one', { task: 'regression' }, "'inf'::DOUBLE", false],
    ['one beyond what sums hold', { task: 'regression' }, `${LARGEST_REGRESSION_VALUE * 1.01}::DOUBLE`, false], ['the largest', { task: 'regression' }, `${-LARGEST_REGRESSION_VALUE}::DOUBLE`, true],
    ['too few classes', { task: 'multiclass', classes: 3 }, "CAST('[0.5,0.5]' AS DOUBLE[])", false], ['no classes', { task: 'multiclass', classes: 3 }, 'NULL::DOUBLE[]', false], ['all classes', { task: 'multiclass', classes: 3 }, "CAST('[0.5,0.5,0]' AS DOUBLE[])", true],
  ])('%s', async (_name, space, score, want) => {
    expect(await world.db.all(`SELECT ${scoreSql(space).usable('s')} AS usable FROM (SELECT ${score} AS s)`)).toEqual([{ usable: want }]);
  });

  it('do not overflow a sum of errors as large as they may be', async () => {
    const { units, unit } = lossSql({ task: 'regression' }, 'mse');
    const [row] = await world.db.all<{ units: number }>(`SELECT sum(${units('l', 'p')})::DOUBLE AS units FROM (SELECT ${LARGEST_REGRESSION_VALUE}::DOUBLE AS l, ${-LARGEST_REGRESSION_VALUE}::DOUBLE AS p FROM range(100000))`);
    expect((row?.units ?? 0) * unit).toBeCloseTo(100_000 * 4 * LARGEST_REGRESSION_VALUE ** 2, -10);
  });

  it('and metrics that are no mean of row losses are refused', () => {
    for (const [space, metric] of [[{ task: 'regression' }, 'rmse'], [{ task: 'regression' }, 'log_loss'], [{ task: 'binary' }, 'auc'], [{ task: 'ranking' }, 'ndcg'], [{ task: 'regression' }, 'huber']] as const) expect(() => lossSql(space, metric)).toThrowError();
  });
});
