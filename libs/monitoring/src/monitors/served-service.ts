import { versionKey, type Hash, type Range } from '@mettle/contracts';
import { sqlString } from '@mettle/duckdb';
import { tableWithin } from '../tables.ts';
import type { RunMonitorsInput } from './context.ts';

/** The feature service that the champion's predictions of a window were computed with; null without one. */
export async function servedService({ db, blobs, catalogue, champion }: RunMonitorsInput, { from, to }: Range): Promise<Hash | null> {
  const predictions = await tableWithin(blobs, catalogue, 'predictions', { from, to });
  const [row] = await db.all<{ service: string }>(
    `SELECT service FROM ${predictions} WHERE version = ${sqlString(versionKey(champion))} AND service IS NOT NULL AND "at" >= ${from} AND "at" < ${to} LIMIT 1`,
  );
  return row?.service ?? null;
}
