import { isMettleError, type LabelSpace, type Value } from '@mettle/contracts';
import { probabilitiesOf, scoreOf } from '@mettle/datasets';
import { sqlName } from '@mettle/duckdb';
import { compileService, type ServiceDefinition } from '@mettle/feature-language';
import type { LoadedModel } from '@mettle/inference';

/** Rows of one scoring run: large enough that a run is mostly the model's, small enough for a heartbeat between runs. */
export const BATCH_ROWS = 8_192;

/** The feature columns of a Parquet file in the service's order; 64-bit integers as doubles, which is how they enter a tensor. */
export const featureColumns = (definition: ServiceDefinition): string[] =>
  compileService(definition).features.map(({ name, type }) => `${sqlName(`f_${name}`)}${type === 'int64' ? '::DOUBLE' : ''}`);

/** One row as the prediction log would have it. */
export interface Answer {
  readonly p: number | null;
  /** Those of three or more classes, as JSON. */
  readonly probabilities: string | null;
  readonly error: string | null;
}

/**
 * What the model answers to vectors. A run that fails as a whole is repeated in halves, so that one row does not fail
 * its neighbours.
 */
export async function answers(model: LoadedModel, vectors: readonly (readonly Value[])[]): Promise<Answer[]> {
  if (vectors.length === 0) return [];
  try {
    const { outputs, errors } = await model.score(vectors);
    return vectors.map((_, i) => {
      const error = errors[i] ?? null;
      const own = error === null ? Object.fromEntries(Object.entries(outputs).map(([name, rows]) => [name, rows[i] ?? []])) : null;
      return { p: scoreOf(own), probabilities: probabilitiesOf(own), error };
    });
  } catch (error) {
    if (!isMettleError(error)) throw error;
    if (vectors.length === 1) return [{ p: null, probabilities: null, error: `${error.code}: ${error.message}` }];
    const half = vectors.length >> 1;
    return [...(await answers(model, vectors.slice(0, half))), ...(await answers(model, vectors.slice(half)))];
  }
}

/** The numbers that metrics of the task judge, row after row: of multiclass one for each class, otherwise one. NaN for a row without an answer. */
export async function scoresOf(model: LoadedModel, { task, classes = 0 }: LabelSpace, vectors: readonly (readonly Value[])[]): Promise<number[]> {
  const none = new Array<number>(task === 'multiclass' ? classes : 1).fill(Number.NaN);
  return (await answers(model, vectors)).flatMap(({ p, probabilities }) => (task === 'multiclass' ? (probabilities === null ? none : (JSON.parse(probabilities) as number[])) : (p ?? none)));
}
