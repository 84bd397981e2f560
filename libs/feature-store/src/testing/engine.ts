import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from '@mettle/duckdb';
import { openDuckDB } from '@mettle/duckdb';

export const createFolder = (): { folder: string; remove(): void } => {
  const folder = mkdtempSync(join(tmpdir(), 'mettle-feature-store-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

export async function createEngine(threads = 2): Promise<{ db: Db; folder: string; close(): void }> {
  const { folder, remove } = createFolder();
  const db = await openDuckDB({ memoryLimit: '512MB', threads, tempDirectory: join(folder, 'spill') });
  return {
    db, folder,
    close: () => {
      db.close();
      remove();
    },
  };
}
