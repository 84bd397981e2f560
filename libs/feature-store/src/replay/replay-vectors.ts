import type { FeatureStatus, Value } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import type { CompiledService, CompiledView, SourceIR, ViewRead } from '@mettle/feature-language';
import type { Groups } from './entities.ts';
import { groupRows } from './entities.ts';
import { longestOf, stageEvents } from './event-stream.ts';
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
  const columns = new Array<ViewReads>(views.length);
  const moments = mode === 'time' ? spine.at : spine.position;
  const first = spine.at.reduce((a, b) => Math.min(a, b), Infinity);
  const until = moments.reduce((a, b) => Math.max(a, b), -Infinity);
  const afterOf = (fed: readonly CompiledView[]): number | null => {
    const horizon = longestOf(fed.map((view) => (statuses ? view.horizon : view.valueHorizon)));
    return horizon === null ? null : first - horizon;
  };
  for (const name of spine.rows === 0 ? [] : new Set(views.map((view) => view.source))) {
    const fed = views.filter((view) => view.source === name);
    const events = await stageEvents(db, { source: sourceOf(service, name), files: eventFiles[name] ?? [], views: fed, order: mode, after: afterOf(fed), until });
    try {
      for (const view of fed) {
        const index = views.indexOf(view);
        columns[index] = await readView({ view, events, after: afterOf([view]), spine, groups: groups[index] as Groups, mode });
      }
    } finally {
      await events.drop();
    }
  }
  const reads: ViewRead[] = [];
  for (let row = 0; row < spine.rows; row += 1) {
    for (let view = 0; view < columns.length; view += 1) reads[view] = columns[view]?.[row] as ViewRead;
    emit(row, service.evaluate(JSON.parse(spine.requests[row] as string) as Record<string, Value>, reads, spine.at[row] as number));
  }
}
