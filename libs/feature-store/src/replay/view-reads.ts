import type { Value } from '@mettle/contracts';
import type { CompiledView, ViewRead, ViewState } from '@mettle/feature-language';
import type { Groups } from './entities.ts';
import type { StagedEvents } from './event-stream.ts';
import type { ReplayMode, SpineRows } from './spine.ts';

/** What a view read for each row of a spine. */
export type ViewReads = (ViewRead | undefined)[];

/** One entity's rows while its events pass: a row is read once everything visible to it was applied. */
interface Cursor {
  readonly state: ViewState;
  readonly rows: readonly number[];
  next: number;
}

const NONE: readonly number[] = [];

/**
 * Replays a source's events through a view's reducer, entity by entity, and reads it at each row of the spine. The
 * order is (entity, knownAt, event before row, eventTime, sequence), or by position (entity, sequence, event before row).
 */
export async function readView({ view, events, after, spine, groups, mode }: {
  view: CompiledView;
  events: StagedEvents;
  /** Nothing with eventTime <= after matters; null: all may. */
  after: number | null;
  spine: SpineRows;
  /** Consumed. */
  groups: Groups;
  mode: ReplayMode;
}): Promise<ViewReads> {
  const reads: ViewReads = new Array<ViewRead | undefined>(spine.rows);
  const moments = mode === 'time' ? spine.at : spine.position;

  /** Reads the rows whose moment is before `moment`; rows of equal T share a read. */
  const readUntil = (cursor: Cursor, moment: number): void => {
    let last: ViewRead | undefined;
    let lastAt = Number.NaN;
    while (cursor.next < cursor.rows.length) {
      const row = cursor.rows[cursor.next] as number;
      if ((moments[row] as number) >= moment) return;
      const at = spine.at[row] as number;
      if (last === undefined || at !== lastAt) last = view.read(cursor.state, at);
      lastAt = at;
      reads[row] = last;
      cursor.next += 1;
    }
  };

  let current: Cursor = { state: view.init(), rows: NONE, next: 0 };
  let currentKey: (string | number)[] = [];
  const finish = (): void => readUntil(current, Infinity);
  const begin = (key: (string | number)[]): void => {
    finish();
    const entity = view.keyOf(Object.fromEntries(view.entityKeys.map((name, index) => [name, key[index] as string | number])));
    const rows = entity === null ? NONE : (groups.get(entity) ?? NONE);
    if (entity !== null) groups.delete(entity);
    current = { state: view.init(), rows, next: 0 };
    currentKey = key;
  };

  if (spine.rows > 0) {
    const cells: Value[] = new Array<Value>(view.columns.length).fill(null);
    for await (const chunk of events.stream({ keys: view.entityKeys, columns: view.columns, byEntity: true, after })) {
      const order = mode === 'time' ? chunk.knownAt : chunk.sequence;
      for (let row = 0; row < chunk.rows; row += 1) {
        let same = currentKey.length > 0;
        for (let key = 0; same && key < currentKey.length; key += 1) same = currentKey[key] === chunk.keys[key]?.[row];
        if (!same) begin(chunk.keys.map((column) => column[row] as string | number));
        if (current.next >= current.rows.length) continue;
        readUntil(current, order[row] as number);
        for (let column = 0; column < cells.length; column += 1) cells[column] = (chunk.values[column] as readonly Value[])[row] as Value;
        view.applyCells(current.state, chunk.retract[row] === true ? 'retract' : 'assert', chunk.ids[row] as string, chunk.eventTime[row] as number, chunk.knownAt[row] as number, chunk.sequence[row] as number, cells);
      }
    }
    finish();
  }
  // What is left never had an event.
  for (const rows of groups.values()) readUntil({ state: view.init(), rows, next: 0 }, Infinity);
  const nobody = view.init();
  for (let row = 0; row < spine.rows; row += 1) reads[row] ??= view.read(nobody, spine.at[row] as number);
  return reads;
}
