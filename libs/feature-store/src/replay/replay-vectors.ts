import type { FeatureStatus, Value } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import type { CompiledService, SourceIR, ViewRead } from '@mettle/feature-language';
import type { ReplayMode, SpineRows } from './spine.ts';
import { readView } from './view-reads.ts';

/** Parquet files of events by source. A source without files has had no events. */
export type EventFiles = Readonly<Record<string, readonly string[]>>;

export interface ReplayedVector {
  readonly values: Value[];
  readonly statuses: FeatureStatus[];
}

/** The source of a view, in its service's definition. */
export function sourceOf(service: CompiledService, name: string): SourceIR {
  const source = service.definition.sources.find((candidate) => candidate.name === name);
  if (source === undefined) throw new MettleError('INVALID_DEFINITION', `source ${name} is missing`, { source: name });
  return source;
}

/** The feature vector of each row of the spine, computed by replay, handed on in the spine's order. */
export async function replayVectors(
  { db, service, eventFiles, spine, mode }: { db: Db; service: CompiledService; eventFiles: EventFiles; spine: SpineRows; mode: ReplayMode },
  emit: (row: number, vector: ReplayedVector) => void,
): Promise<void> {
  const columns = [];
  for (const { reducer } of service.views) {
    columns.push(await readView(db, reducer, sourceOf(service, reducer.source), eventFiles[reducer.source] ?? [], spine, mode));
  }
  const reads: ViewRead[] = [];
  for (let row = 0; row < spine.rows; row += 1) {
    for (let view = 0; view < columns.length; view += 1) reads[view] = columns[view]?.[row] as ViewRead;
    emit(row, service.evaluate(spine.requests[row] as Record<string, Value>, reads, spine.at[row] as number));
  }
}
