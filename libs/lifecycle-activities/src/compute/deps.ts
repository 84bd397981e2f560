import type { BlobStore } from '@mettle/blob-store';
import type { Db } from '@mettle/duckdb';
import type { Trainers } from '@mettle/training';

/** What the compute activities stand on: blobs and an engine, no database. */
export interface ComputeDeps {
  readonly blobs: BlobStore;
  readonly db: Db;
  /** This worker's own folder: results by key, training folders, caches. */
  readonly home: string;
  readonly trainers: Trainers;
}
