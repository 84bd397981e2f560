import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PredictionEntry } from '@mettle/contracts';
import { compact } from '@mettle/datasets';
import { openDuckDB, sqlString, type Db } from '@mettle/duckdb';
import type { InferenceServer } from './server.ts';
import { infer, inputs, openWorld, servedOf, type World } from './testing/world.ts';
import { tripsDefinition } from './testing/trips.ts';

let world: World;
let db: Db;
let server: InferenceServer;
beforeAll(async () => {
  world = await openWorld();
  db = await openDuckDB({ tempDirectory: join(world.home, 'spill') });
  await world.addVersion(1, 'value.onnx');
  await world.addVersion(2, 'classes.onnx');
  world.decide('deploy', 1);
  server = await world.start();
  await world.served();
});
afterAll(async () => {
  db.close();
  await world.close();
});

/** The predictions table of what one request logged. */
async function logged(id: string): Promise<{ p: number; probabilities: string | null; error: string | null }[]> {
  const entries: PredictionEntry[] = servedOf(await world.logged()).filter(({ requestId }) => requestId === id);
  const packed = gzipSync(Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')));
  const raws = [{ log: 'predictions' as const, writer: 's1', hash: await world.blobs.put(packed), bytes: packed.length, rows: entries.length, sequences: { from: 1, to: entries.length } }];
  const [predictions] = await compact({ db, blobs: world.blobs, raws, definitions: [tripsDefinition] });
  return db.all(`SELECT p, probabilities, error FROM read_parquet(${sqlString(await world.blobs.path(predictions!.hash))}) ORDER BY "row"`);
}

describe('other tasks than binary', () => {
  it('a value is served, and logged as the row\'s number', async () => {
    const reply = await infer(server, { id: 'value', inputs: inputs(3) });
    expect(reply.status).toBe(200);
    const [output] = reply.body.outputs!;
    expect([output!.name, output!.shape, output!.datatype]).toEqual(['variable', [3, 1], 'FP32']);
    expect(new Set(output!.data).size).toBeGreaterThan(1);
    expect(await logged('value')).toEqual(output!.data.map((p) => ({ p, probabilities: null, error: null })));
  });

  it('classes are served with a probability each, and logged with all of them', async () => {
    world.decide('startShadow', 2);
    world.decide('startChallenge', 2, 2_000);
    world.decide('promote', 2);
    await world.served();
    const reply = await infer(server, { id: 'classes', inputs: inputs(3) });
    expect(reply.status).toBe(200);
    const [output] = reply.body.outputs!;
    expect([output!.name, output!.shape]).toEqual(['probabilities', [3, 4]]);
    const rows = [0, 1, 2].map((row) => output!.data.slice(4 * row, 4 * row + 4));
    expect(await logged('classes')).toEqual(rows.map((all) => ({ p: Math.max(...all), probabilities: JSON.stringify(all), error: null })));
  });
});
