import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashBytes, isMettleError, MettleError } from '@mettle/contracts';
import type { RawCell, RawPiece, ViewPieces } from '@mettle/feature-language';
import type { RootDatabase } from 'lmdb';
import { open } from 'lmdb';
import type { Backend, Catalogue, Head, Transaction } from './backend.ts';
import { guardUnsynced } from './unsynced.ts';

// Keys: 'head', 'catalogue'; [view, entity, BLOCK, hop, index] -> tiles; [view, entity, RAW, eventTime, knownAt, sequence] -> [eventId, ...cells].
const BLOCK = 0;
const RAW = 1;
/** LMDB keys end at 1,978 bytes: a longer entity is stored under its hash. */
const MAX_ENTITY = 400;

type Key = string | (string | number)[];

function rawOf(key: (string | number)[], value: readonly RawCell[]): RawPiece {
  return { eventTime: key[3] as number, knownAt: key[4] as number, sequence: key[5] as number, eventId: value[0] as string, cells: value.slice(1) };
}

/** Blocks that the current write has touched: a batch writes each once, however many of its events fall into it. */
type Touched = Map<string, { readonly key: Key; tiles: number[] | undefined }>;

function piecesIn(db: RootDatabase<unknown, Key>, touched: Touched, view: number, entity: string): ViewPieces {
  return {
    block: (hop, index) => {
      const held = touched.size === 0 ? undefined : touched.get(`${view}/${hop}/${index}/${entity}`);
      return held === undefined ? (db.get([view, entity, BLOCK, hop, index]) as number[] | undefined) : held.tiles;
    },
    putBlock: (hop, index, tiles) => void touched.set(`${view}/${hop}/${index}/${entity}`, { key: [view, entity, BLOCK, hop, index], tiles }),
    putRaw: ({ eventTime, knownAt, sequence, eventId, cells }) => void db.putSync([view, entity, RAW, eventTime, knownAt, sequence], [eventId, ...cells]),
    removeRaw: ({ eventTime, knownAt, sequence }) => void db.removeSync([view, entity, RAW, eventTime, knownAt, sequence]),
    newest: (at) => {
      for (const { key, value } of db.getRange({ start: [view, entity, RAW, at, Infinity], end: [view, entity, RAW], reverse: true, limit: 1 })) {
        return rawOf(key as (string | number)[], value as RawCell[]);
      }
      return undefined;
    },
    *range(after, to) {
      for (const { key, value } of db.getRange({ start: [view, entity, RAW, after, Infinity], end: [view, entity, RAW, to, Infinity] })) {
        yield rawOf(key as (string | number)[], value as RawCell[]);
      }
    },
  };
}

export interface LmdbOptions {
  /** A folder. */
  readonly path: string;
  readonly readOnly?: boolean;
  /** `process`: survives kill -9; after a power loss it starts empty, to be filled from the event log. `disk`: each commit is synced. */
  readonly durability?: 'process' | 'disk';
}

/** @throws MettleError UNAVAILABLE when there is no store to read */
export function lmdbBackend({ path, readOnly = false, durability = 'process' }: LmdbOptions): Backend {
  if (readOnly && !existsSync(join(path, 'data.mdb'))) throw new MettleError('UNAVAILABLE', `there is no online store at ${path} yet`, { path });
  mkdirSync(path, { recursive: true });
  const guard = readOnly ? undefined : guardUnsynced(path, durability);
  const db = open<unknown, Key>({ path, readOnly, noSync: guard?.noSync ?? false, cache: false, maxReaders: 256 });
  db.readerCheck();
  const first: Head = { position: 0, generation: guard?.generation ?? 1, catalogue: '' };
  const putHead = ({ position, generation, catalogue }: Head): void => void db.putSync('head', [position, generation, catalogue]);
  if (!readOnly && db.get('head') === undefined) putHead(first);
  const touched: Touched = new Map();
  const store: Transaction = {
    head: () => {
      const head = db.get('head') as [number, number, string?] | undefined;
      return head === undefined ? first : { position: head[0], generation: head[1], catalogue: head[2] ?? '' };
    },
    putHead: (head) => putHead({ ...store.head(), ...head }),
    catalogue: () => (db.get('catalogue') as Catalogue | undefined) ?? { definitions: [], views: {} },
    putCatalogue: (catalogue) => {
      db.putSync('catalogue', catalogue);
      putHead({ ...store.head(), catalogue: randomUUID() });
    },
    pieces: (view, entity) => piecesIn(db, touched, view, entity.length <= MAX_ENTITY ? entity : hashBytes(entity)),
  };
  return {
    write: async (work) => {
      try {
        return db.transactionSync(() => {
          const result = work(store);
          for (const { key, tiles } of touched.values()) {
            if (tiles === undefined) db.removeSync(key);
            else db.putSync(key, tiles);
          }
          return result;
        });
      } catch (error) {
        throw isMettleError(error) ? error : new MettleError('INTERNAL', `the online store refused a write: ${String(error)}`, { path }, { cause: error });
      } finally {
        touched.clear();
      }
    },
    // Reads within one run of JavaScript share a read transaction; resetting first makes it the newest.
    snapshot: async (work) => {
      db.resetReadTxn();
      return work(store);
    },
    close: async () => {
      await db.close();
      guard?.closed();
    },
  };
}
