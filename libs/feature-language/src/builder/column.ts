import type { ColumnIR } from '../definition/scalar.ts';

/** A double. With `scale` it is held as an integer of 10^-scale (e.g. 2: hundredths) and can be summed. */
export function float64(): { type: 'float64' };
export function float64(options: { scale: number }): { type: 'float64'; scale: number };
export function float64(options?: { scale: number }): { type: 'float64'; scale?: number } {
  return options === undefined ? { type: 'float64' } : { type: 'float64', scale: options.scale };
}
/** An integer within ±(2^53 - 1). */
export const int64 = (): { type: 'int64' } => ({ type: 'int64' });
export const bool = (): { type: 'bool' } => ({ type: 'bool' });
export const string = (): { type: 'string' } => ({ type: 'string' });
/** Integer µs since 1970 UTC. */
export const timestamp = (): { type: 'timestamp' } => ({ type: 'timestamp' });

/** Columns by name. */
export type Columns = Record<string, ColumnIR>;
