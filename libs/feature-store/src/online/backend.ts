import type { ServiceDefinition, ViewPieces } from '@mettle/feature-language';

/** Where a store stands. */
export interface Head {
  readonly position: number;
  /** Rises when what the store holds was built anew. */
  readonly generation: number;
  /** Another one with every change of the catalogue. */
  readonly catalogue: string;
}

/** How a view is kept. `upTo` null: with the head. A number: still being rebuilt, and holds events up to there. */
export interface ViewEntry {
  readonly id: number;
  readonly upTo: number | null;
}

export interface Catalogue {
  readonly definitions: readonly ServiceDefinition[];
  readonly views: Readonly<Record<string, ViewEntry>>;
}

/** What work on a store sees and writes, while it runs. */
export interface Transaction {
  head(): Head;
  putHead(head: Pick<Head, 'position' | 'generation'>): void;
  catalogue(): Catalogue;
  putCatalogue(catalogue: Catalogue): void;
  pieces(view: number, entity: string): ViewPieces;
}

/**
 * Key-value storage with one writer: LMDB, Redis, or memory. Work must be repeatable and change nothing but the
 * transaction: a store across a network runs it again with the pieces that it asked for.
 */
export interface Backend {
  /** All writes of `work`, or, when it throws, none (memory keeps what was done). The caller awaits one before the next. */
  write<T>(work: (store: Transaction) => T): Promise<T>;
  /** Every read of `work` sees one snapshot, which is the newest. */
  snapshot<T>(work: (store: Transaction) => T): Promise<T>;
  close(): Promise<void>;
}
