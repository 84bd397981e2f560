import type { ServiceDefinition, ViewPieces } from '@mettle/feature-language';

/** Where a store stands. `generation` rises when what it holds was built anew. */
export interface Head {
  readonly position: number;
  readonly generation: number;
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

/** Key-value storage with one writer: LMDB, or memory. */
export interface Backend {
  /** All writes of `work`, or, when it throws, none (memory keeps what was done). */
  write<T>(work: () => T): T;
  /** Every read of `work` sees one snapshot, which is the newest. */
  snapshot<T>(work: () => T): T;
  head(): Head;
  putHead(head: Head): void;
  catalogue(): Catalogue;
  putCatalogue(catalogue: Catalogue): void;
  pieces(view: number, entity: string): ViewPieces;
  close(): Promise<void>;
}
