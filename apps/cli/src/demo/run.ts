import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MettleError } from '@mettle/contracts';
import { startPlatform } from '../up/platform.ts';
import { readSettings } from '../up/settings.ts';
import { startChaos } from './chaos.ts';
import { createDemoClient } from './demoClient.ts';
import { finish } from './finish.ts';
import { flightDataFolder, readFlightData } from './flightData.ts';
import { createInferenceClient } from './inferenceClient.ts';
import { createProgress } from './progress.ts';
import { renderReport } from './report.ts';
import type { DemoResult } from './result.ts';
import { createRivals } from './rivals.ts';
import { loadState, newState, saveState } from './state.ts';
import { declare, endDay, firstChampion, importHistory, liveTheYear, liveUntil, serviceAt, type Story } from './story.ts';
import { renderResult } from './table.ts';
import { createTimeline, ENDPOINT } from './timeline.ts';

export interface DemoOptions {
  readonly seed: number;
  readonly chaos: boolean;
  readonly resume: boolean;
  /** Days of the year to live after history; null: all of it. */
  readonly days: number | null;
  readonly quiet: boolean;
  /** Where the trainer's virtual environment is: it holds the data too. */
  readonly venv: string;
}

const KILL_EVERY_MS = 20_000;

/**
 * Starts a platform of its own under `<METTLE_HOME>/demo/home`, lives the year with it as its client, and leaves
 * `result.json` and `report.html` in `<METTLE_HOME>/demo`.
 */
export async function runDemo(environment: NodeJS.ProcessEnv, options: DemoOptions): Promise<{ result: DemoResult; text: string }> {
  const outer = readSettings(environment);
  const folder = join(outer.METTLE_HOME, 'demo');
  const home = join(folder, 'home');
  const former = options.resume ? loadState(folder) : null;
  if (options.resume && former === null) throw new MettleError('NOT_FOUND', `nothing to resume: ${folder} holds no state of an earlier run`, { folder });
  if (former === null) {
    rmSync(join(folder, 'state.json'), { force: true });
    rmSync(home, { recursive: true, force: true });
  }
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const settings = readSettings({ ...environment, METTLE_HOME: home, METTLE_TRAINERS: writeTrainers(home, options.venv) });
  const approver = approverToken(home);

  const started = performance.now();
  const state = former ?? newState(options.seed);
  const before = state.seconds;
  const elapsed = (): number => before + (performance.now() - started) / 1000;
  const progress = createProgress(process.stderr, options.quiet);
  const platform = await startPlatform({ settings, python: join(options.venv, 'bin', 'python'), onEvent: (event) => { if (event.kind === 'restarted') progress.say(`  ${event.name} restarted`); } });
  const chaos = options.chaos
    ? startChaos({ victims: platform.processes().map((p) => p.name), kill: (name) => platform.kill(name), seed: options.seed, everyMs: KILL_EVERY_MS, progress })
    : null;
  const token = readFileSync(settings.METTLE_TOKEN_FILE ?? join(home, 'token'), 'utf8').trim();
  const client = createDemoClient(`http://127.0.0.1:${settings.METTLE_GATEWAY_PORT}`, { platform: token, approver });
  const inference = createInferenceClient(`http://127.0.0.1:${settings.METTLE_INFERENCE_PORT}`, token);
  const saving = setInterval(() => { state.seconds = elapsed(); }, 1_000);
  saving.unref();
  try {
    const story: Story = {
      client, inference, progress, state, folder,
      timeline: createTimeline(readFlightData(flightDataFolder(options.venv))),
      rivals: createRivals(client, (watermark) => serviceAt(state, watermark)),
      until: liveUntil(options.days),
    };
    if (state.watermark === null) {
      // Each part can be repeated: a run that is killed in it is resumed from its start.
      saveState(folder, state);
      await declare(story);
      await importHistory(story);
      await firstChampion(story);
    } else {
      // The platform may have finished a day that this client did not hear of; all of that day had been answered before.
      const reached = (await client.watermark(ENDPOINT)) ?? 0;
      if (reached > state.watermark) {
        for (let tick = story.timeline.nextTick(state.watermark); tick !== null && tick < reached; tick = story.timeline.nextTick(tick + 1)) {
          state.served += story.timeline.due(tick).length;
        }
        await endDay(story, reached);
      }
    }
    await liveTheYear(story);
    const kills = chaos?.kills() ?? 0;
    chaos?.stop();
    state.kills += kills;
    state.seconds = elapsed();
    const result = { ...(await finish(story)), seconds: elapsed(), kills: state.kills };
    state.seconds = result.seconds;
    saveState(folder, state);
    const json = join(folder, 'result.json');
    const report = join(folder, 'report.html');
    writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
    writeFileSync(report, renderReport(result));
    return { result, text: renderResult(result, { home, temporalUi: `http://127.0.0.1:${settings.METTLE_TEMPORAL_UI_PORT}`, report, json }) };
  } finally {
    clearInterval(saving);
    chaos?.stop();
    progress.stop();
    state.seconds = elapsed();
    await inference.close();
    await platform.stop();
  }
}

/** The colleague whose trainer scales a column after reading its data: a trainer like any other, to the platform. */
function writeTrainers(home: string, venv: string): string {
  const path = join(home, 'trainers.json');
  const script = new URL('../../demo/scaled_trainer.py', import.meta.url).pathname;
  writeFileSync(path, JSON.stringify({ 'lightgbm-scaled': { command: join(venv, 'bin', 'python'), args: [script] } }));
  return path;
}

/** The approver is another person than the platform's token: nobody approves their own candidate. */
function approverToken(home: string): string {
  const path = join(home, 'tokens.json');
  if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { tokens: { token: string }[] }).tokens[0]!.token;
  const token = randomBytes(32).toString('hex');
  const principal = { id: 'ada.approver', kind: 'person', roles: ['approver'] };
  writeFileSync(path, JSON.stringify({ v: 1, tokens: [{ token, principal }] }), { mode: 0o600 });
  return token;
}
