import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@mettle/testing';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../up/settings.ts';
import type { DemoResult } from './result.ts';

/** Long enough for a retraining, a look at a shadow, a challenge and a promotion. */
const DAYS = '21';

async function environment(home: string): Promise<NodeJS.ProcessEnv> {
  const [gateway, inference, grpc, temporal, ui] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
  return {
    ...process.env,
    METTLE_HOME: home,
    METTLE_GATEWAY_PORT: String(gateway), METTLE_INFERENCE_PORT: String(inference), METTLE_INFERENCE_GRPC_PORT: String(grpc),
    METTLE_TEMPORAL_PORT: String(temporal), METTLE_TEMPORAL_UI_PORT: String(ui),
  };
}

function demo(env: NodeJS.ProcessEnv, ...args: string[]): { child: ReturnType<typeof spawn>; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [join(ROOT, 'apps/cli/dist/main.js'), 'demo', '--days', DAYS, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return { child, ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))) };
}

const resultOf = (home: string): DemoResult => JSON.parse(readFileSync(join(home, 'demo', 'result.json'), 'utf8')) as DemoResult;
const newHome = (): string => mkdtempSync(join(tmpdir(), 'mettle-demo-'));

/** What must not depend on kills, on the machine or on the hour. */
const story = (result: DemoResult) => ({
  decisions: result.decisions.map(({ at, action, version, verdict }) => ({ at, action, version, verdict })),
  byMonth: result.byMonth,
  counts: result.counts,
});

describe('three weeks of departures', () => {
  const calm = newHome();

  it('promotes a candidate, loses and doubles nothing, and serves what it trained on', async () => {
    expect(await demo(await environment(calm)).ended).toBe(0);
    const { counts, decisions } = resultOf(calm);
    expect(counts.served).toBeGreaterThan(15_000);
    expect(counts.logged).toBe(counts.served);
    expect(counts.duplicated).toBe(0);
    expect(counts.audited).toBeGreaterThanOrEqual(counts.served);
    expect(counts.parityMismatches).toBe(0);
    expect(decisions.map((d) => d.action)).toEqual(expect.arrayContaining(['deploy', 'startShadow', 'startChallenge']));
  });

  it('decides the same while its processes are killed every few seconds', async () => {
    const home = newHome();
    expect(await demo(await environment(home), '--chaos').ended).toBe(0);
    const result = resultOf(home);
    expect(result.kills).toBeGreaterThan(0);
    expect(story(result)).toEqual(story(resultOf(calm)));
  });

  it('goes on after it was killed itself, and decides the same', async () => {
    const home = newHome();
    const env = await environment(home);
    const first = demo(env);
    for (let days = 0; days < 5; await sleep(200)) {
      try {
        const state = JSON.parse(readFileSync(join(home, 'demo', 'state.json'), 'utf8')) as { served: number };
        days = state.served / 900;
      } catch {
        // Not there yet.
      }
    }
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await demo(env, '--resume').ended).toBe(0);
    expect(story(resultOf(home))).toEqual(story(resultOf(calm)));
  });
});
