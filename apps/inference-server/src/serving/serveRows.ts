import { hash } from 'node:crypto';
import { isMettleError, MettleError, versionKey, type FeatureVector, type PredictionRow } from '@mettle/contracts';
import type { InferRow } from '@mettle/inference';
import { assignArm, type Headers } from '@mettle/routing';
import type { LiveStore } from './liveStore.ts';
import { scoreRows } from './scoreRows.ts';
import type { ServedVersion, Serving } from './serving.ts';

/**
 * `predictionIdOf` of contracts, by Node's own SHA-256: a tenth of the time. The JSON text is canonical because a request
 * id is printable ASCII.
 */
export const fastPredictionId = (endpoint: string, requestId: string, row: number): string => hash('sha256', JSON.stringify([endpoint, requestId, row]));

/**
 * Answers rows by the table: vectors of every service first, because the next push may change the store; then the
 * assigned versions, a run each. A challenger that fails falls back to the champion. The serving score is the first of
 * `scores`; it has no outputs when the champion failed.
 * @throws MettleError PAUSED | NO_CHAMPION | UNAVAILABLE | SERVICE_MISMATCH
 */
export async function serveRows(serving: Serving, store: LiveStore, requestId: string, rows: readonly InferRow[], headers: Headers): Promise<PredictionRow[]> {
  const { table, champion } = serving;
  if (champion === null) throw new MettleError('NO_CHAMPION', `endpoint '${table.endpoint}' has no champion`, { endpoint: table.endpoint });
  const assignments = rows.map((row) => assignArm(table, row.keys, headers, row.request));
  const vectors = await readVectors(serving, store, rows);
  const served = rows.map(({ keys, request, at }, row): PredictionRow => {
    const { bucket, sticky, assigned } = assignments[row] as (typeof assignments)[number];
    return {
      predictionId: fastPredictionId(table.endpoint, requestId, row),
      row, bucket, sticky, assignedArm: assigned, servedArm: assigned, fallback: false, keys, request, at, vectors: vectors[row] ?? [], scores: [],
    };
  });

  const groups = new Map<ServedVersion, PredictionRow[]>();
  for (const [index, row] of served.entries()) {
    const version = serving.byKey.get(versionKey((assignments[index] as (typeof assignments)[number]).version)) ?? champion;
    const group = groups.get(version);
    if (group === undefined) groups.set(version, [row]);
    else group.push(row);
  }
  const fallen: PredictionRow[] = [];
  for (const [version, group] of groups) {
    const scores = await scoreRows(version, version.arm, group);
    for (const [i, row] of group.entries()) {
      const score = scores[i] as (typeof scores)[number];
      row.scores.push(score);
      if (score.outputs === null && version !== champion) fallen.push(row);
    }
  }
  if (fallen.length > 0) {
    const scores = await scoreRows(champion, 'champion', fallen);
    for (const [i, row] of fallen.entries()) {
      row.scores.unshift(scores[i] as (typeof scores)[number]);
      row.servedArm = 'champion';
      row.fallback = true;
    }
  }
  return served;
}

/** Per row one vector a service, the champion's first. A row that lacks inputs of another service has no vector of it. */
async function readVectors({ services }: Serving, store: LiveStore, rows: readonly InferRow[]): Promise<FeatureVector[][]> {
  const [first, ...others] = services;
  if (first === undefined) return rows.map(() => []);
  const vectors = (await store.read(first, rows)).map((vector) => [vector]);
  for (const service of others) {
    const able: { row: InferRow; index: number }[] = [];
    for (const [index, row] of rows.entries()) {
      try {
        service.checkRequest(row.keys, row.request);
        able.push({ row, index });
      } catch (error) {
        if (!isMettleError(error)) throw error;
      }
    }
    if (able.length === 0) continue;
    try {
      const read = await store.read(service, able.map(({ row }) => row));
      for (const [i, { index }] of able.entries()) vectors[index]?.push(read[i] as FeatureVector);
    } catch (error) {
      // The champion answers; versions of this service log an error for each row.
      if (!isMettleError(error)) throw error;
    }
  }
  return vectors;
}
