import type { TimeUs, Value } from '@mettle/contracts';
import type { ViewEvent, ViewRead } from './compiled-view.ts';
import { addTo } from './exact.ts';
import type { Exact } from './exact.ts';
import type { RawPiece, ViewPieces } from './pieces.ts';
import { BLOCK_TILES } from './pieces.ts';
import type { PlannedFeature, ViewPlan } from './plan.ts';
import { finish } from './plan.ts';

// Tile i of a hop covers (i * hop, (i + 1) * hop]: closed on the right like the window, so that an aligned T needs no raw event.
const tileOf = (eventTime: TimeUs, hop: number): number => Math.ceil(eventTime / hop) - 1;
const blockOf = (tile: number): number => Math.floor(tile / BLOCK_TILES) + 0; // + 0: never -0, which is another key

const widthOf = (plan: ViewPlan): number => 2 + 3 * plan.summed.length;

function addToBlock(plan: ViewPlan, pieces: ViewPieces, hop: number, raw: RawPiece, sign: 1 | -1): void {
  const width = widthOf(plan);
  const tile = tileOf(raw.eventTime, hop);
  const tiles = pieces.block(hop, blockOf(tile)) ?? [];
  let at = 0;
  while (at < tiles.length && (tiles[at] as number) < tile) at += width;
  if (tiles[at] !== tile) tiles.splice(at, 0, tile, ...new Array<number>(width - 1).fill(0));
  tiles[at + 1] = (tiles[at + 1] as number) + sign;
  plan.summed.forEach((column, which) => {
    const cell = raw.cells[column];
    if (typeof cell !== 'number') return;
    const slot = at + 2 + 3 * which;
    const sum = { high: tiles[slot + 1] as number, low: tiles[slot + 2] as number };
    addTo(sum, sign * cell);
    tiles[slot] = (tiles[slot] as number) + sign;
    tiles[slot + 1] = sum.high;
    tiles[slot + 2] = sum.low;
  });
  if (tiles[at + 1] === 0) tiles.splice(at, width);
  pieces.putBlock(hop, blockOf(tile), tiles.length === 0 ? undefined : tiles);
}

function assertedAt(pieces: ViewPieces, event: ViewEvent): RawPiece | undefined {
  let found: RawPiece | undefined;
  for (const raw of pieces.range(event.eventTime - 1, event.eventTime)) if (raw.eventId === event.eventId) found = raw;
  return found;
}

/** An assertion adds a raw piece and its tiles; a retraction takes back the newest assertion of the same id and time, if any. */
export function applyToPieces(plan: ViewPlan, pieces: ViewPieces, event: ViewEvent): void {
  const { eventTime, knownAt, sequence, eventId, values } = event;
  if (event.op === 'assert') {
    const raw = { eventTime, knownAt, sequence, eventId, cells: plan.toCells((column) => values[column]) };
    pieces.putRaw(raw);
    for (const hop of plan.hops) addToBlock(plan, pieces, hop, raw, 1);
    return;
  }
  const raw = assertedAt(pieces, event);
  if (raw === undefined) return;
  pieces.removeRaw(raw);
  for (const hop of plan.hops) addToBlock(plan, pieces, hop, raw, -1);
}

interface Total {
  events: number;
  readonly values: number[];
  readonly sums: Exact[];
}

/** Windows of one hop share tiles: each block is fetched once a read. */
function onceEach(pieces: ViewPieces): (hop: number, index: number) => number[] | undefined {
  const seen = new Map<string, number[] | undefined>();
  return (hop, index) => {
    const key = `${hop}/${index}`;
    if (seen.has(key)) return seen.get(key);
    const block = pieces.block(hop, index);
    seen.set(key, block);
    return block;
  };
}

function addTiles(plan: ViewPlan, blockAt: ViewPieces['block'], hop: number, from: number, to: number, total: Total): void {
  const width = widthOf(plan);
  for (let block = blockOf(from); block <= blockOf(to); block += 1) {
    const tiles = blockAt(hop, block);
    if (tiles === undefined) continue;
    for (let at = 0; at < tiles.length; at += width) {
      const tile = tiles[at] as number;
      if (tile < from || tile > to) continue;
      total.events += tiles[at + 1] as number;
      for (let which = 0; which < plan.summed.length; which += 1) {
        const slot = at + 2 + 3 * which;
        const sum = total.sums[which] as Exact;
        total.values[which] = (total.values[which] as number) + (tiles[slot] as number);
        sum.high += tiles[slot + 1] as number;
        addTo(sum, tiles[slot + 2] as number);
      }
    }
  }
}

function addRaw(plan: ViewPlan, pieces: ViewPieces, after: TimeUs, to: TimeUs, total: Total): void {
  if (after >= to) return;
  for (const raw of pieces.range(after, to)) {
    total.events += 1;
    plan.summed.forEach((column, which) => {
      const cell = raw.cells[column];
      if (typeof cell !== 'number') return;
      total.values[which] = (total.values[which] as number) + 1;
      addTo(total.sums[which] as Exact, cell);
    });
  }
}

/** (at - window, at]: whole tiles, and the raw events of the two edges. */
function totalOf(plan: ViewPlan, pieces: ViewPieces, blockAt: ViewPieces['block'], { window, hop }: PlannedFeature, at: TimeUs): Total {
  const total: Total = { events: 0, values: plan.summed.map(() => 0), sums: plan.summed.map(() => ({ high: 0, low: 0 })) };
  const first = Math.ceil((at - window) / hop);
  const last = Math.floor(at / hop) - 1;
  if (first > last) {
    addRaw(plan, pieces, at - window, at, total);
    return total;
  }
  addRaw(plan, pieces, at - window, first * hop, total);
  addTiles(plan, blockAt, hop, first, last, total);
  addRaw(plan, pieces, (last + 1) * hop, at, total);
  return total;
}

export function readFromPieces(plan: ViewPlan, pieces: ViewPieces, at: TimeUs): ViewRead {
  const newest = plan.hasLatest ? pieces.newest(at) : undefined;
  const fresh = newest !== undefined && (plan.ttl === null || at - newest.eventTime <= plan.ttl);
  const totals = new Map<string, Total>();
  const blockAt = onceEach(pieces);
  let longest: Total | undefined;
  const values = plan.features.map((feature): Value => {
    if (feature.op === 'latest') return fresh ? plan.fromCell(feature.column, newest.cells[feature.column] ?? null) : null;
    const key = `${feature.window}/${feature.hop}`;
    let total = totals.get(key);
    if (total === undefined) totals.set(key, (total = totalOf(plan, pieces, blockAt, feature, at)));
    if (feature.window === plan.longest) longest = total;
    if (feature.op === 'count') return total.events;
    const which = plan.summed.indexOf(feature.column);
    const sum = total.sums[which] as Exact;
    return finish(feature, total.events, total.values[which] as number, sum.high, sum.low);
  });
  const status = plan.hasLatest ? (newest === undefined ? 'NOT_FOUND' : fresh ? 'PRESENT' : 'OUTSIDE_MAX_AGE') : (longest?.events ?? 0) > 0 ? 'PRESENT' : 'NOT_FOUND';
  return { status, values };
}
