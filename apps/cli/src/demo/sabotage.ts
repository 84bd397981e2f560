import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckDB } from '@mettle/duckdb';

/** Miles per hour to metres per second: the classic unit slip. */
const MPH_TO_MS = 0.44704;

/**
 * A training set as a colleague's notebook would make it: wind in metres per second instead of miles per hour.
 * @param parquet an exported data version (prediction_id, at, f_..., label)
 */
export async function inAnotherUnit(parquet: Buffer, folder: string): Promise<Buffer> {
  mkdirSync(folder, { recursive: true });
  const from = join(folder, 'exported.parquet');
  const to = join(folder, 'metric.parquet');
  writeFileSync(from, parquet);
  const db = await openDuckDB({ memoryLimit: '512MB', threads: 1, tempDirectory: join(folder, 'spill') });
  try {
    await db.run(`COPY (SELECT * REPLACE (f_wind_speed * ${MPH_TO_MS} AS f_wind_speed) FROM read_parquet('${from.replaceAll("'", "''")}')) TO '${to.replaceAll("'", "''")}' (FORMAT parquet)`);
  } finally {
    await db.close();
  }
  return readFileSync(to);
}
