import { isMettleError, type PredictionRow, type Scored, type VersionRef, type Arm } from '@mettle/contracts';
import type { ServedVersion } from './serving.ts';

/** Index of the vector that a version reads in the row's vectors; -1: the row lacks what its service needs. */
export const vectorIndex = ({ vectors }: Pick<PredictionRow, 'vectors'>, { loaded }: ServedVersion): number =>
  loaded === null ? -1 : vectors.findIndex(({ service }) => service === loaded.service.hash);

const failed = (version: VersionRef, arm: Arm, vector: number, error: string): Scored => ({ version, arm, vector: Math.max(0, vector), outputs: null, error, latencyUs: 0 });

/** What went wrong, for the log: an operator reads it, a client does not. */
const messageOf = (error: unknown): string => {
  const reason = isMettleError(error) && typeof error.data['reason'] === 'string' ? `: ${error.data['reason']}` : '';
  return `${isMettleError(error) ? `${error.code}: ` : ''}${error instanceof Error ? error.message : String(error)}${reason}`.slice(0, 500);
};

/**
 * Scores rows with one version, in one run. Never throws: a row that could not be scored says why.
 * A run that fails as a whole is repeated row by row, so that one row does not fail its neighbours.
 */
export async function scoreRows(version: ServedVersion, arm: Arm, rows: readonly Pick<PredictionRow, 'vectors'>[]): Promise<Scored[]> {
  const { loaded, version: ref } = version;
  const scored = new Array<Scored>(rows.length);
  const ready: { row: number; vector: number }[] = [];
  for (let row = 0; row < rows.length; row += 1) {
    const vector = vectorIndex(rows[row] as PredictionRow, version);
    if (vector >= 0) ready.push({ row, vector });
    else scored[row] = failed(ref, arm, vector, version.failure ?? 'UNKNOWN_ENTITY: the request lacks keys or columns of the version\'s feature service');
  }
  if (loaded === null || ready.length === 0) return scored;

  const began = performance.now();
  try {
    const { outputs, errors } = await loaded.model.score(ready.map(({ row, vector }) => rows[row]?.vectors[vector]?.values ?? []));
    const latencyUs = Math.round(((performance.now() - began) * 1000) / ready.length);
    const names = Object.keys(outputs);
    for (let i = 0; i < ready.length; i += 1) {
      const { row, vector } = ready[i] as (typeof ready)[number];
      const error = errors[i] ?? null;
      const own: Record<string, number[]> = {};
      for (const name of names) own[name] = outputs[name]?.[i] ?? [];
      scored[row] = { version: ref, arm, vector, outputs: error === null ? own : null, error, latencyUs };
    }
  } catch (error) {
    if (ready.length === 1) {
      const { row, vector } = ready[0] as (typeof ready)[number];
      scored[row] = failed(ref, arm, vector, messageOf(error));
    } else {
      for (const { row } of ready) scored[row] = (await scoreRows(version, arm, [rows[row] as PredictionRow]))[0] as Scored;
    }
  }
  return scored;
}
