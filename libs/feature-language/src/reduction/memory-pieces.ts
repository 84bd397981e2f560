import type { RawPiece, ViewPieces } from './pieces.ts';

const before = (a: RawPiece, b: RawPiece): boolean =>
  a.eventTime !== b.eventTime ? a.eventTime < b.eventTime : a.knownAt !== b.knownAt ? a.knownAt < b.knownAt : a.sequence < b.sequence;

/** Pieces of one entity in memory: what parity proofs and tests serve from. */
export function memoryPieces(): ViewPieces {
  const blocks = new Map<number, Map<number, number[]>>();
  const raws: RawPiece[] = [];
  /** How many come before: by order, or by eventTime <= at. */
  const indexWhere = (isBefore: (raw: RawPiece) => boolean): number => {
    let low = 0;
    let high = raws.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(raws[middle] as RawPiece)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const upTo = (at: number): number => indexWhere((raw) => raw.eventTime <= at);
  return {
    block: (hop, index) => blocks.get(hop)?.get(index),
    putBlock: (hop, index, tiles) => {
      let ofHop = blocks.get(hop);
      if (ofHop === undefined) blocks.set(hop, (ofHop = new Map<number, number[]>()));
      if (tiles === undefined) ofHop.delete(index);
      else ofHop.set(index, tiles);
    },
    putRaw: (piece) => void raws.splice(indexWhere((raw) => before(raw, piece)), 0, piece),
    removeRaw: (piece) => {
      const index = indexWhere((raw) => before(raw, piece));
      if (raws[index]?.sequence === piece.sequence) raws.splice(index, 1);
    },
    newest: (at) => raws[upTo(at) - 1],
    *range(after, to) {
      for (let index = upTo(after); index < raws.length; index += 1) {
        const raw = raws[index] as RawPiece;
        if (raw.eventTime > to) return;
        yield raw;
      }
    },
  };
}
