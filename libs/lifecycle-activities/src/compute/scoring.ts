import type { Value } from '@mettle/contracts';
import { scoreOf } from '@mettle/datasets';
import { sqlName } from '@mettle/duckdb';
import { compileService, type ServiceDefinition } from '@mettle/feature-language';
import type { LoadedModel } from '@mettle/inference';

/** Rows of one scoring run: large enough that a run is mostly the model's, small enough for a heartbeat between runs. */
export const BATCH_ROWS = 8_192;

/** The feature columns of a Parquet file in the service's order; 64-bit integers as doubles, which is how they enter a tensor. */
export const featureColumns = (definition: ServiceDefinition): string[] =>
  compileService(definition).features.map(({ name, type }) => `${sqlName(`f_${name}`)}${type === 'int64' ? '::DOUBLE' : ''}`);

/** Scores rows; `p` is what the prediction log would have as `p`: the probability of the positive class, or the value. */
export async function probabilities(model: LoadedModel, vectors: readonly (readonly Value[])[]): Promise<{ p: number[]; finite: boolean }> {
  const { outputs, errors } = await model.score(vectors);
  const rows = outputs['probabilities'] ?? Object.values(outputs)[0] ?? [];
  const p = rows.map((values) => scoreOf({ probabilities: values }) ?? Number.NaN);
  return { p, finite: errors.every((error) => error === null) && p.every(Number.isFinite) };
}
