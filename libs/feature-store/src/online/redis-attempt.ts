import { randomUUID } from 'node:crypto';
import { MettleError } from '@mettle/contracts';
import type { RawPiece, ViewPieces } from '@mettle/feature-language';
import type { Catalogue, Head, Transaction } from './backend.ts';
import { blocksKey, CATALOGUE, HEAD, memberOf, rawOf, rawsKey } from './redis-keys.ts';

export type Command = readonly string[];
export type Reply = string | readonly string[] | null;

/** The head as Redis holds it. `term` is of the writer, `commit` of its last write. */
export interface RedisHead extends Head {
  readonly base: string;
  readonly term: number;
  readonly commit: number;
}

/** Thrown to end a run that cannot go on before it has what it asked for. */
class Unfetched extends Error {}

export interface Attempt {
  readonly store: Transaction;
  /** What the run asked for and did not find among the replies; then its result means nothing. */
  readonly missing: readonly Command[];
  /** The run's writes, but for the head's `commit`; none: []. */
  writes(): Command[];
  readonly catalogue: { readonly version: string; readonly value: Catalogue } | undefined;
}

export const nameOf = (command: Command): string => command.join('\0');

/**
 * One run of some work over replies of one snapshot. A block or range that was not fetched reads as empty and is noted: the
 * next run has it. Reads see the writes of their own run.
 */
export function createAttempt(head: RedisHead, replies: ReadonlyMap<string, Reply>, known: Attempt['catalogue']): Attempt {
  const missing = new Map<string, Command>();
  let now: RedisHead = head;
  let catalogue = known?.version === head.catalogue ? known : undefined;
  let catalogueWritten = false;
  const blocks = new Map<string, { readonly key: string; readonly field: string; tiles: number[] | undefined }>();
  /** By key: the pieces that this run added, and the members that it removed. */
  const raws = new Map<string, Map<string, RawPiece | null>>();

  const ask = (command: Command): Reply => {
    const name = nameOf(command);
    const reply = replies.get(name);
    if (reply === undefined) missing.set(name, command);
    return reply ?? null;
  };
  const change = (key: string, piece: RawPiece, to: RawPiece | null): void => {
    let changed = raws.get(key);
    if (changed === undefined) raws.set(key, (changed = new Map()));
    changed.set(memberOf(piece), to);
  };
  const rangeOf = (key: string, after: string, to: number): RawPiece[] => {
    const held = (ask(['ZRANGEBYSCORE', key, after, String(to)]) ?? []) as readonly string[];
    const changed = raws.get(key);
    if (changed === undefined) return held.map(rawOf);
    const first = after.startsWith('(') ? Number(after.slice(1)) : -Infinity;
    const added = [...changed].flatMap(([member, piece]) => (piece !== null && piece.eventTime > first && piece.eventTime <= to && !held.includes(member) ? [piece] : []));
    const kept = held.filter((member) => changed.get(member) !== null).map(rawOf);
    return [...kept, ...added].sort((a, b) => a.eventTime - b.eventTime || (memberOf(a) < memberOf(b) ? -1 : 1));
  };

  const fetchCatalogue = (): Catalogue => {
    const command = ['GET', CATALOGUE];
    const reply = ask(command) as string | null;
    if (!replies.has(nameOf(command))) throw new Unfetched();
    if (reply === null) throw new MettleError('UNAVAILABLE', 'the online store in Redis lost its catalogue', {});
    return JSON.parse(reply) as Catalogue;
  };

  const piecesOf = (view: number, entity: string): ViewPieces => {
    const ofBlocks = blocksKey(now.base, view, entity);
    const ofRaws = rawsKey(now.base, view, entity);
    return {
      block: (hop, index) => {
        const field = `${hop}/${index}`;
        const written = blocks.size === 0 ? undefined : blocks.get(`${ofBlocks}\0${field}`);
        if (written !== undefined) return written.tiles;
        const reply = ask(['HGET', ofBlocks, field]) as string | null;
        return reply === null ? undefined : (JSON.parse(reply) as number[]);
      },
      putBlock: (hop, index, tiles) => void blocks.set(`${ofBlocks}\0${hop}/${index}`, { key: ofBlocks, field: `${hop}/${index}`, tiles }),
      putRaw: (piece) => change(ofRaws, piece, piece),
      removeRaw: (piece) => change(ofRaws, piece, null),
      newest: (at) => {
        if (raws.has(ofRaws)) return rangeOf(ofRaws, '-inf', at).at(-1);
        const [member] = (ask(['ZREVRANGEBYSCORE', ofRaws, String(at), '-inf', 'LIMIT', '0', '1']) ?? []) as readonly string[];
        return member === undefined ? undefined : rawOf(member);
      },
      range: (after, to) => rangeOf(ofRaws, `(${after}`, to),
    };
  };

  return {
    store: {
      head: () => now,
      putHead: (next) => void (now = { ...now, ...next }),
      catalogue: () => {
        if (catalogue !== undefined) return catalogue.value;
        catalogue = { version: now.catalogue, value: now.catalogue === '' ? { definitions: [], views: {} } : fetchCatalogue() };
        return catalogue.value;
      },
      putCatalogue: (value) => {
        catalogue = { version: randomUUID(), value };
        catalogueWritten = true;
        now = { ...now, catalogue: catalogue.version };
      },
      pieces: piecesOf,
    },
    get missing() {
      return [...missing.values()];
    },
    get catalogue() {
      return catalogue;
    },
    writes() {
      const commands: Command[] = [];
      if (catalogueWritten) commands.push(['SET', CATALOGUE, JSON.stringify(catalogue?.value)]);
      for (const { key, field, tiles } of blocks.values()) commands.push(tiles === undefined ? ['HDEL', key, field] : ['HSET', key, field, JSON.stringify(tiles)]);
      for (const [key, changed] of raws) {
        for (const [member, piece] of changed) commands.push(piece === null ? ['ZREM', key, member] : ['ZADD', key, String(piece.eventTime), member]);
      }
      if (commands.length > 0 || now !== head) {
        commands.push(['HSET', HEAD, 'position', String(now.position), 'generation', String(now.generation), 'catalogue', now.catalogue]);
      }
      return commands;
    },
  };
}
