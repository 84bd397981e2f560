import type { TimeUs } from '@mettle/contracts';
import { slotOf } from '../slot-series.ts';

/** The rows of one entity in one slot. */
export interface BlockSums {
  readonly entity: string;
  /** Start of the slot. */
  readonly at: TimeUs;
  readonly rows: number;
  /** Σ of the row values (differences of losses), and of their squares. */
  readonly sum: number;
  readonly squares: number;
}

const inOrder = (blocks: Iterable<BlockSums>): BlockSums[] => [...blocks].sort((a, b) => a.at - b.at || (a.entity < b.entity ? -1 : a.entity > b.entity ? 1 : 0));
const keyOf = (entity: string, at: TimeUs): string => `${at}/${entity}`;

/** Rows in any order -> blocks by slot, then entity. */
export function blockSums(rows: Iterable<{ readonly at: TimeUs; readonly entity: string; readonly difference: number }>, width: number): BlockSums[] {
  const blocks = new Map<string, { entity: string; at: TimeUs; rows: number; sum: number; squares: number }>();
  for (const { at, entity, difference } of rows) {
    const slot = slotOf(at, width);
    const key = keyOf(entity, slot);
    let block = blocks.get(key);
    if (block === undefined) blocks.set(key, (block = { entity, at: slot, rows: 0, sum: 0, squares: 0 }));
    block.rows += 1;
    block.sum += difference;
    block.squares += difference * difference;
  }
  return inOrder(blocks.values());
}

/** The blocks of both parts: those of one entity and slot are added. Counts merge exactly, sums to rounding. */
export function mergeBlocks(...parts: readonly (readonly BlockSums[])[]): BlockSums[] {
  const merged = new Map<string, BlockSums>();
  for (const block of parts.flat()) {
    const key = keyOf(block.entity, block.at);
    const known = merged.get(key);
    merged.set(key, known === undefined ? block : { ...block, rows: known.rows + block.rows, sum: known.sum + block.sum, squares: known.squares + block.squares });
  }
  return inOrder(merged.values());
}
