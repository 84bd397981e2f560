import type { TimeUs } from '@mettle/contracts';

/** A raw event under its own key. `cells`: integers of 10^-scale, or values as they are, or null. */
export interface RawPiece {
  readonly eventTime: TimeUs;
  readonly knownAt: TimeUs;
  readonly sequence: number;
  readonly eventId: string;
  readonly cells: readonly RawCell[];
}
export type RawCell = number | string | boolean | null;

/**
 * Where one entity's pieces of one view are kept. Blocks hold the tiles of a hop: [tile, events, then per summed
 * column how many values, high, low] for each tile that holds events; raw events are ordered by (eventTime, knownAt, sequence).
 */
export interface ViewPieces {
  block(hop: number, index: number): number[] | undefined;
  putBlock(hop: number, index: number, tiles: number[] | undefined): void;
  putRaw(piece: RawPiece): void;
  removeRaw(piece: RawPiece): void;
  /** The newest with eventTime <= at. */
  newest(at: TimeUs): RawPiece | undefined;
  /** Those with after < eventTime <= to, in order. */
  range(after: TimeUs, to: TimeUs): Iterable<RawPiece>;
}

/** Tiles in one block: a read of a window opens about tiles/32 blocks. */
export const BLOCK_TILES = 32;
