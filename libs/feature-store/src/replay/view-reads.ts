import type { Value } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import type { CompiledView, SourceIR, ViewRead, ViewState } from '@mettle/feature-language';
import type { Groups } from './entities.ts';
import { streamEvents } from './event-stream.ts';
import type { ReplayMode, SpineRows } from './spine.ts';

/** What a view read for each row of a spine. */
export type ViewReads = (ViewRead | undefined)[];

/** One entity's reads while its events pass: a row is read once everything visible to it was applied. */
interface Cursor {
  state: ViewState;
  readonly rows: readonly number[];
  next: number;
}

const NONE: readonly number[] = [];

const maximum = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), -Infinity);
const minimum = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b), Infinity);

/**
 * Replays a source's events through a view's reducer, entity by entity, and reads it at each row of the spine. The
 * order is (entity, knownAt, event before row, eventTime, sequence), or by position (entity, sequence, event before row).
 */
export async function readView({ db, view, source, files, spine, groups, mode, statuses }: {
  db: Db; view: CompiledView; source: SourceIR; files: readonly string[]; spine: SpineRows;
  /** Consumed. */
  groups: Groups;
  mode: ReplayMode;
  /** False: only values matter, and events that are too old to change one are not read. */
  statuses: boolean;
}): Promise<ViewReads> {
  const reads: ViewReads = new Array<ViewRead | undefined>(spine.rows);
  const moments = mode === 'time' ? spine.at : spine.position;
  const horizon = statuses ? view.horizon : view.valueHorizon;

  /** Reads the rows whose moment is before `moment`; rows of equal T share a read. */
  const readUntil = (cursor: Cursor, moment: number, position: (row: number) => number): void => {
    let last: ViewRead | undefined;
    let lastAt = Number.NaN;
    while (cursor.next < cursor.rows.length) {
      const row = cursor.rows[cursor.next] as number;
      if (position(row) >= moment) return;
      const at = spine.at[row] as number;
      if (last === undefined || at !== lastAt) last = view.read(cursor.state, at);
      lastAt = at;
      reads[row] = last;
      cursor.next += 1;
    }
  };
  const momentOf = (row: number): number => moments[row] as number;

  let current: Cursor = { state: view.init(), rows: NONE, next: 0 };
  let currentKey: (string | number)[] = [];
  const finish = (): void => readUntil(current, Infinity, momentOf);
  const begin = (key: (string | number)[]): void => {
    finish();
    const entity = view.keyOf(Object.fromEntries(view.entityKeys.map((name, index) => [name, key[index] as string | number])));
    const rows = entity === null ? NONE : (groups.get(entity) ?? NONE);
    if (entity !== null) groups.delete(entity);
    current = { state: view.init(), rows, next: 0 };
    currentKey = key;
  };

  if (spine.rows > 0) {
    const query = {
      source, files, keys: view.entityKeys, columns: view.columns, byEntity: true, order: mode,
      after: horizon === null ? null : minimum(spine.at) - horizon, until: maximum(moments),
    } as const;
    const cells: Value[] = new Array<Value>(view.columns.length).fill(null);
    for await (const events of streamEvents(db, query)) {
      const order = mode === 'time' ? events.knownAt : events.sequence;
      for (let row = 0; row < events.rows; row += 1) {
        let same = currentKey.length > 0;
        for (let key = 0; same && key < currentKey.length; key += 1) same = currentKey[key] === events.keys[key]?.[row];
        if (!same) begin(events.keys.map((column) => column[row] as string | number));
        if (current.next >= current.rows.length) continue;
        readUntil(current, order[row] as number, momentOf);
        for (let column = 0; column < cells.length; column += 1) cells[column] = (events.values[column] as readonly Value[])[row] as Value;
        view.applyCells(current.state, events.retract[row] === true ? 'retract' : 'assert', events.ids[row] as string, events.eventTime[row] as number, events.knownAt[row] as number, events.sequence[row] as number, cells);
      }
    }
    finish();
  }
  // What is left never had an event.
  for (const rows of groups.values()) readUntil({ state: view.init(), rows, next: 0 }, Infinity, momentOf);
  const nobody = view.init();
  for (let row = 0; row < spine.rows; row += 1) reads[row] ??= view.read(nobody, spine.at[row] as number);
  return reads;
}
