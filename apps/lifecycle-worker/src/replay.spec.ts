import { readFile, readdir, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DefaultLogger, Runtime, Worker, makeTelemetryFilterString, type ReplayHistoriesIterable } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '@mettle/testing';
import { recordHistories } from './testing/record.ts';

const FOLDER = join(import.meta.dirname, '../../../tools/recorded-histories');
type Recorded = { workflowId: string; history: never };

async function recorded(): Promise<Map<string, Recorded>> {
  const found = new Map<string, Recorded>();
  for (const name of (await readdir(FOLDER, { recursive: true })).filter((one) => one.endsWith('.json.gz')).sort()) {
    found.set(name, JSON.parse(gunzipSync(await readFile(join(FOLDER, name))).toString()) as Recorded);
  }
  return found;
}

/** Names of the histories that a bundle does not replay, with the reason. */
async function refused(codePath: string, histories: Map<string, Recorded>): Promise<Map<string, string>> {
  const failures = new Map<string, string>();
  const names = [...histories.keys()];
  let i = 0;
  const input: ReplayHistoriesIterable = [...histories.values()];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, input)) {
    const name = names[i++] ?? '';
    if (error !== undefined) failures.set(name, `${error.name}: ${error.message}`);
  }
  return failures;
}

// A tool, not a check: where it is not asked for it does not exist, so that nothing counts as skipped.
const recordInto = process.env['METTLE_RECORD'];
if (recordInto !== undefined) {
  it('records histories', async () => {
    expect(await recordHistories(recordInto)).toHaveLength(8);
  }, 120_000);
}

describe('workflows that run somewhere', () => {
  let bundle: string;
  beforeAll(async () => {
    bundle = await workflowBundle();
    // Refusals are what is tested here: the runtime need not print them. The recorder has a runtime of its own.
    if (process.env['METTLE_RECORD'] === undefined) Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } } });
  });

  it('replay on the workflows of today', async () => {
    const histories = await recorded();
    expect(histories.size).toBeGreaterThanOrEqual(8);
    expect(await refused(bundle, histories)).toEqual(new Map());
  }, 60_000);

  it.each([
    ['another activity in the step of the clock', '.sealLogs(', '.sealAllLogs(', 'clock.month'],
    ['one activity less before the training', '.joinSnapshot(', '.evaluateOffline(', 'modelLifecycle.promoted'],
    ['a decision that is committed otherwise', '.commitDecision(', '.commitDecisionNow(', 'endpoint.month'],
  ])('are refused by an incompatible change: %s', async (_what, before, after, victim) => {
    const folder = await mkdtemp(join(tmpdir(), 'mettle-replay-'));
    try {
      const code = await readFile(bundle, 'utf8');
      expect(code).toContain(before);
      const path = join(folder, 'bundle.js');
      await writeFile(path, code.replaceAll(before, after));
      const failures = await refused(path, await recorded());
      expect([...failures.keys()].some((name) => name.includes(victim))).toBe(true);
      expect([...failures.values()].join()).toContain('DeterminismViolationError');
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});
