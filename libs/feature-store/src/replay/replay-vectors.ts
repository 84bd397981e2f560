import type { FeatureStatus, Value } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import type { CompiledService, SourceIR, ViewRead } from '@mettle/feature-language';
import type { Groups } from './entities.ts';
import { groupRows } from './entities.ts';
import type { ReplayMode, SpineRows } from './spine.ts';
import type { ViewReads } from './view-reads.ts';
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

export interface ReplayInput {
  readonly db: Db;
  readonly service: CompiledService;
  readonly eventFiles: EventFiles;
  readonly spine: SpineRows;
  readonly mode: ReplayMode;
  /** Default: true. False when nobody asks why a value is missing: fewer events are read, and statuses mean nothing. */
  readonly statuses?: boolean;
}

/** The feature vector of each row of the spine, computed by replay, handed on in the spine's order. */
export async function replayVectors({ db, service, eventFiles, spine, mode, statuses = true }: ReplayInput, emit: (row: number, vector: ReplayedVector) => void): Promise<void> {
  const views = service.views.map(({ reducer }) => reducer);
  const groups = groupRows(views, spine, mode);
  const columns: ViewReads[] = [];
  for (const [index, view] of views.entries()) {
    const files = eventFiles[view.source] ?? [];
    columns.push(await readView({ db, view, source: sourceOf(service, view.source), files, spine, groups: groups[index] as Groups, mode, statuses }));
  }
  const reads: ViewRead[] = [];
  for (let row = 0; row < spine.rows; row += 1) {
    for (let view = 0; view < columns.length; view += 1) reads[view] = columns[view]?.[row] as ViewRead;
    emit(row, service.evaluate(JSON.parse(spine.requests[row] as string) as Record<string, Value>, reads, spine.at[row] as number));
  }
}
