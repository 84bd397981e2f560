import type { AggregateIR, ColumnRef } from '../definition/feature-view-ir.ts';
import type { ScalarType } from '../definition/scalar.ts';

/** A source's column inside `features: (c) => ...`. */
export interface Column<T extends ScalarType = ScalarType> {
  readonly ref: ColumnRef & { type: T };
}

/** An aggregate and, for the compiler, the type of its value. */
export interface Aggregate<T extends ScalarType = ScalarType> {
  readonly ir: AggregateIR;
  readonly type: T;
}

/** (T - window, T], stored in tiles of `hop`; both in µs. The hop changes cost, never a value; a window is a multiple of it. */
export interface Window {
  window: number;
  /** Default: a 24th of the window where that is whole, else the window. */
  hop?: number;
}

const span = ({ window, hop = window % 24 === 0 ? window / 24 : window }: Window) => ({ window, hop });

/** The column of the newest visible event, by (eventTime, knownAt, sequence), unless older than the view's ttl. */
export const latest = <T extends ScalarType>(column: Column<T>): Aggregate<T> => ({ ir: { op: 'latest', input: column.ref }, type: column.ref.type });
/** How many events the window holds; 0 when it is empty. */
export const count = (window: Window): Aggregate<'int64'> => ({ ir: { op: 'count', ...span(window) }, type: 'int64' });
/** The exact sum of the values that are not null, rounded once; null when there are none. */
export const sum = (column: Column<'float64' | 'int64'>, window: Window): Aggregate<'float64'> => ({ ir: { op: 'sum', input: column.ref, ...span(window) }, type: 'float64' });
/** The exact mean of the values that are not null, rounded once; null when there are none. */
export const mean = (column: Column<'float64' | 'int64'>, window: Window): Aggregate<'float64'> => ({ ir: { op: 'mean', input: column.ref, ...span(window) }, type: 'float64' });
