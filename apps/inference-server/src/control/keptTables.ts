import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { RouteTable } from '@mettle/contracts';

/** The tables to start with when there is no gateway, and the few before them, which requests of the log may name. */
const KeptTables = z.object({ v: z.literal(1), tables: z.array(RouteTable), recent: z.array(RouteTable) });
export type KeptTables = z.infer<typeof KeptTables>;

/** What was kept; nothing when the file is not what was written, which `onError` hears: the gateway sends the routes again. */
export function readTables(path: string, onError: (error: unknown) => void): KeptTables {
  try {
    if (existsSync(path)) return KeptTables.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    onError(error);
  }
  return { v: 1, tables: [], recent: [] };
}

/** Replaces the file whole. */
export function writeTables(path: string, tables: KeptTables): void {
  writeFileSync(`${path}.new`, JSON.stringify(tables), { flush: true });
  renameSync(`${path}.new`, path);
}
