import type { TimeUs, Value } from '@mettle/contracts';
import type { Exact } from './exact.ts';
import { addTo } from './exact.ts';
import type { RawCell } from './pieces.ts';
import type { ViewPlan } from './plan.ts';
import { finish } from './plan.ts';
import type { ViewRead } from './compiled-view.ts';

/** Prefix sums of one column: entry i covers the first i events. */
interface Prefix {
  readonly values: number[];
  readonly high: number[];
  readonly low: number[];
}

/** One entity's events in order of (eventTime, knownAt, sequence), with prefix sums that are extended when read. */
export interface ViewState {
  readonly times: number[];
  readonly known: number[];
  readonly sequences: number[];
  readonly ids: string[];
  readonly cells: RawCell[][];
  readonly prefixes: Prefix[];
  /** Prefix entries 0..valid hold. */
  valid: number;
}

export const emptyState = (plan: ViewPlan): ViewState => ({
  times: [], known: [], sequences: [], ids: [], cells: [], valid: 0,
  prefixes: plan.summed.map(() => ({ values: [0], high: [0], low: [0] })),
});

/** How many events have eventTime <= at. */
function upTo(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function assertEvent(state: ViewState, eventId: string, eventTime: TimeUs, knownAt: TimeUs, sequence: number, cells: RawCell[]): void {
  let index = upTo(state.times, eventTime);
  while (index > 0 && state.times[index - 1] === eventTime) {
    const known = state.known[index - 1] as number;
    if (known < knownAt || (known === knownAt && (state.sequences[index - 1] as number) < sequence)) break;
    index -= 1;
  }
  if (index === state.times.length) {
    state.times.push(eventTime);
    state.known.push(knownAt);
    state.sequences.push(sequence);
    state.ids.push(eventId);
    state.cells.push(cells);
    return;
  }
  state.times.splice(index, 0, eventTime);
  state.known.splice(index, 0, knownAt);
  state.sequences.splice(index, 0, sequence);
  state.ids.splice(index, 0, eventId);
  state.cells.splice(index, 0, cells);
  if (index < state.valid) state.valid = index;
}

/** Takes the newest assertion of `eventId` at `eventTime` back; one that is not there changes nothing. */
export function retractEvent(state: ViewState, eventId: string, eventTime: TimeUs): void {
  for (let index = upTo(state.times, eventTime) - 1; index >= 0 && state.times[index] === eventTime; index -= 1) {
    if (state.ids[index] !== eventId) continue;
    for (const column of [state.times, state.known, state.sequences, state.ids, state.cells]) column.splice(index, 1);
    if (index < state.valid) state.valid = index;
    return;
  }
}

function extend(state: ViewState, plan: ViewPlan, count: number): void {
  for (let which = 0; which < plan.summed.length; which += 1) {
    const column = plan.summed[which] as number;
    const { values, high, low } = state.prefixes[which] as Prefix;
    const sum: Exact = { high: high[state.valid] as number, low: low[state.valid] as number };
    let seen = values[state.valid] as number;
    for (let index = state.valid; index < count; index += 1) {
      const cell = (state.cells[index] as RawCell[])[column];
      if (typeof cell === 'number') {
        seen += 1;
        addTo(sum, cell);
      }
      values[index + 1] = seen;
      high[index + 1] = sum.high;
      low[index + 1] = sum.low;
    }
  }
  state.valid = count;
}

export function readState(state: ViewState, plan: ViewPlan, at: TimeUs): ViewRead {
  const end = upTo(state.times, at);
  if (end > state.valid) extend(state, plan, end);
  const fresh = end > 0 && (plan.ttl === null || at - (state.times[end - 1] as number) <= plan.ttl);
  const values: Value[] = [];
  for (const feature of plan.features) {
    if (feature.op === 'latest') {
      values.push(fresh ? plan.fromCell(feature.column, (state.cells[end - 1] as RawCell[])[feature.column] ?? null) : null);
      continue;
    }
    const start = upTo(state.times, at - feature.window);
    if (feature.op === 'count') {
      values.push(end - start);
      continue;
    }
    const { values: seen, high, low } = state.prefixes[plan.summed.indexOf(feature.column)] as Prefix;
    const difference = { high: (high[end] as number) - (high[start] as number), low: 0 };
    addTo(difference, low[end] as number);
    addTo(difference, -(low[start] as number));
    values.push(finish(feature, end - start, (seen[end] as number) - (seen[start] as number), difference.high, difference.low));
  }
  const status = plan.hasLatest ? (end === 0 ? 'NOT_FOUND' : fresh ? 'PRESENT' : 'OUTSIDE_MAX_AGE') : end > upTo(state.times, at - plan.longest) ? 'PRESENT' : 'NOT_FOUND';
  return { status, values };
}
