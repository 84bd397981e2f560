import type { Value } from '@mettle/contracts';
import { statusDigits } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { sqlName } from '@mettle/duckdb';
import type { CompiledService, ServiceDefinition } from '@mettle/feature-language';
import { compileService } from '@mettle/feature-language';
import type { Comparison } from './comparison.ts';
import { createComparison, differences } from './comparison.ts';
import type { EventFiles } from './replay-vectors.ts';
import { replayVectors } from './replay-vectors.ts';
import { loadSpine } from './spine.ts';

/** Features as they come from a file: doubles, except text and booleans. */
export const featureColumns = (service: CompiledService): string[] =>
  service.features.map(({ name, type }) => `${sqlName(`f_${name}`)}${type === 'int64' ? '::DOUBLE' : ''}`);

/**
 * Recomputes every logged vector in batch, at its T and at the positions that the online store had applied, and
 * compares values and statuses bit by bit. A vector whose bits differ was served by other code than the definition says.
 */
export async function auditLog({ db, definition, eventFiles, vectorFiles }: {
  db: Db; definition: ServiceDefinition; eventFiles: EventFiles; vectorFiles: readonly string[];
}): Promise<Comparison> {
  const service = compileService(definition);
  const comparison = createComparison();
  if (vectorFiles.length === 0) return comparison.result();
  const logged: Value[][] = [];
  const spine = await loadSpine(db, { files: vectorFiles }, 'position', ['statuses', ...featureColumns(service)], (values) => void logged.push([...values]));
  const names = service.features.map(({ name }) => name);
  await replayVectors({ db, service, eventFiles, spine, mode: 'position' }, (row, vector) => {
    const different = differences(names, (feature) => logged[row]?.[feature + 1] as Value, vector.values);
    const expected = statusDigits(vector.statuses);
    const found = logged[row]?.[0] as string;
    if (found !== expected) different.push({ feature: 'statuses', found, expected });
    comparison.row(spine.ids[row] as string, spine.at[row] as number, different);
  });
  return comparison.result();
}
