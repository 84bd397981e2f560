import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { SEARCH_ATTRIBUTES } from '@mettle/contracts';

/** Flags that make the dev server's steps short; the bootstrap starts it with the same. */
export const DEV_SERVER_FLAGS: readonly string[] = [
  '--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000',
  '--dynamic-config-value', 'history.timerProcessorMaxPollRPS=2000',
  '--sqlite-pragma', 'journal_mode=WAL',
  '--sqlite-pragma', 'synchronous=1',
];

/**
 * The Temporal CLI: METTLE_TEMPORAL_CLI, PATH, then the bootstrap's cache.
 * @throws Error naming the places when there is none
 */
export function temporalCli(): string {
  const configured = process.env['METTLE_TEMPORAL_CLI'];
  if (configured !== undefined && configured !== '') return configured;
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...cacheFolders()];
  const found = places.map((folder) => join(folder, 'temporal')).find((path) => existsSync(path));
  if (found === undefined) throw new Error('no Temporal CLI: set METTLE_TEMPORAL_CLI, put `temporal` on PATH, or run npm run bootstrap');
  return found;
}

function cacheFolders(): string[] {
  const cache = join(homedir(), '.cache', 'mettle');
  if (!existsSync(cache)) return [];
  const folders = readdirSync(cache, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => join(cache, entry.name));
  return [cache, ...folders, ...folders.map((folder) => join(folder, 'bin'))];
}

export interface TemporalOptions {
  readonly dbFilename?: string;
  readonly port?: number;
  /** Without Mettle's search attributes, as a cluster is before its first worker came. */
  readonly bare?: boolean;
}

/** A dev server of its own, in memory unless a database file is named, with Mettle's search attributes. Tear it down when done. */
export function openTemporal({ bare = false, ...options }: TemporalOptions = {}): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalCli() },
      ip: '127.0.0.1',
      ui: false,
      log: { format: 'pretty', level: 'error' },
      searchAttributes: bare ? [] : SEARCH_ATTRIBUTES.map((name) => defineSearchAttributeKey(name, 'KEYWORD')),
      extraArgs: options.dbFilename === undefined ? DEV_SERVER_FLAGS.filter((flag, i) => flag !== '--sqlite-pragma' && DEV_SERVER_FLAGS[i - 1] !== '--sqlite-pragma') : [...DEV_SERVER_FLAGS],
      ...options,
    },
  });
}
