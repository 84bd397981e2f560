import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeParquet } from '@mettle/duckdb';
import { profileNew, profileTable } from '../index.ts';
import { openWorld, type World } from '../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.close());

let files = 0;
async function table(numbers: readonly (number | null)[], texts: readonly (string | null)[] = []): Promise<string> {
  const path = join(world.dir, `${(files += 1)}.parquet`);
  const columns = [{ name: 'f_x', type: 'DOUBLE' }, { name: 'f_c', type: 'VARCHAR' }] as const;
  await writeParquet(world.db, { columns, rows: numbers.map((x, i) => [x, texts[i] ?? null]) }, path);
  return `read_parquet('${path}')`;
}
const x = { name: 'x', column: 'f_x', role: 'input', category: false } as const;
const c = { name: 'c', column: 'f_c', role: 'input', category: true } as const;

describe('profiles', () => {
  it('freeze quantile edges, and count every row once: (edge, next edge], beyond, null, NaN', async () => {
    const numbers = [...Array.from({ length: 1000 }, (_, i) => i + 1), null, null, Number.NaN];
    const [profile] = await profileNew(world.db, await table(numbers), [x]);
    expect(profile!.edges).toEqual(Array.from({ length: 19 }, (_, i) => (i + 1) * 50));
    expect(profile).toMatchObject({ rows: 1003, nulls: 2, nans: 1, underflow: 50, overflow: 50, bins: new Array(18).fill(50), min: 1, max: 1000 });
  });

  it('keep a value on an edge in its bin, whatever its digits', async () => {
    const values = [0.45592826611052484, 0.09503219064194401, 0.44167158886533797, 1 / 3, 2 / 3, -1 / 7];
    const numbers = Array.from({ length: 600 }, (_, i) => values[i % values.length]!);
    const [profile] = await profileNew(world.db, await table(numbers), [x]);
    expect(profile!.edges).toEqual([...values].sort((a, b) => a - b));
    expect([profile!.underflow, ...profile!.bins, profile!.overflow]).toEqual([100, 100, 100, 100, 100, 100, 0]);
  });

  it('count other rows in the reference’s edges and categories', async () => {
    const reference = await profileNew(world.db, await table([1, 2, 3, 4], ['a', 'a', 'b', null]), [x, c]);
    const columns = reference.map((one) => ({ reference: one, column: `f_${one.name}` }));
    const [numbers, texts] = await profileTable(world.db, await table([0, 2, 9, null], ['b', 'z', 'y', 'b']), columns);
    expect(numbers).toMatchObject({ edges: [1, 2, 3, 4], underflow: 1, bins: [1, 0, 0], overflow: 1, nulls: 1 });
    expect(texts).toMatchObject({ categories: { a: 0, b: 2 }, unseen: 2, nulls: 0 });
  });

  it('name the most frequent categories and count the rest together', async () => {
    const texts = Array.from({ length: 500 }, (_, i) => `k${i % 250}`).concat(['k249', 'k249']);
    const [profile] = await profileNew(world.db, await table(texts.map(() => 0), texts), [c]);
    expect(Object.keys(profile!.categories!)).toHaveLength(200);
    expect(profile!.categories!['k249']).toBe(4);
    expect(profile!.unseen).toBe(502 - Object.values(profile!.categories!).reduce((a, b) => a + b, 0));
  });

  it('of a column without a number, or of no rows, are empty and not an error', async () => {
    const [profile] = await profileNew(world.db, await table([null, null]), [x]);
    expect(profile).toMatchObject({ rows: 2, nulls: 2, edges: [0], bins: [], underflow: 0, overflow: 0, min: null });
    expect((await profileNew(world.db, await table([]), [x, c])).map(({ rows }) => rows)).toEqual([0, 0]);
  });
});
