import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, isRefusal } from '@mettle/api-client';
import { DAY_US, isoTime, versionKey } from '@mettle/contracts';
import { freePort } from '@mettle/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY, LIVE_FROM } from '../demo/calendar.ts';
import { createDemoClient } from '../demo/demoClient.ts';
import { flightDataFolder, readFlightData } from '../demo/flightData.ts';
import { createProgress } from '../demo/progress.ts';
import type { DemoResult } from '../demo/result.ts';
import { createRivals } from '../demo/rivals.ts';
import { newState } from '../demo/state.ts';
import { declare, firstChampion, importHistory, liveTheYear, serviceAt, type Story } from '../demo/story.ts';
import { createTimeline, ENDPOINT } from '../demo/timeline.ts';
import { openCluster, type Cluster } from '../testing/cluster.ts';
import type { Machine } from '../testing/machine.ts';
import { replicatedInference } from '../testing/replicas.ts';
import { trainerVenv } from '../up/python.ts';
import { ROOT } from '../up/settings.ts';

/** Long enough for a retraining, a look at a shadow, a challenge and a promotion. */
const DAYS = 21;
const folder = mkdtempSync(join(tmpdir(), 'mettle-scaled-'));

/** The same days in the embedded topology. */
async function embedded(): Promise<DemoResult> {
  const ports = ['METTLE_GATEWAY_PORT', 'METTLE_INFERENCE_PORT', 'METTLE_INFERENCE_GRPC_PORT', 'METTLE_TEMPORAL_PORT', 'METTLE_TEMPORAL_UI_PORT'];
  const env: NodeJS.ProcessEnv = { ...process.env, METTLE_HOME: folder };
  for (const port of ports) env[port] = String(await freePort());
  const child = spawn(process.execPath, [join(ROOT, 'apps/cli/dist/main.js'), 'demo', '--days', String(DAYS)], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(0);
  return JSON.parse(readFileSync(join(folder, 'demo', 'result.json'), 'utf8')) as DemoResult;
}

describe('the topology of docker-compose.yml', () => {
  let cluster: Cluster;
  let story: Story;
  let gateway: Machine;
  const workers: Machine[] = [];
  let servers: Machine[];
  let replicas: ReturnType<typeof replicatedInference>;
  let calm: Promise<DemoResult>;

  beforeAll(async () => {
    // Beside the other: each waits for its servers more than it computes.
    calm = embedded();
    calm.catch(() => undefined);
    cluster = await openCluster();
    gateway = cluster.add('gateway');
    workers.push(cluster.add('lifecycle-worker'), cluster.add('lifecycle-worker'), cluster.add('compute-worker'), cluster.add('compute-worker'));
    servers = [cluster.add('inference-server'), cluster.add('inference-server')];
    const client = createDemoClient(cluster.gatewayUrl, cluster.tokens);
    replicas = replicatedInference(servers, cluster.tokens.platform);
    const state = newState(1);
    story = {
      client, state, folder, inference: replicas, progress: createProgress(process.stderr, true),
      timeline: createTimeline(readFlightData(flightDataFolder(trainerVenv()))), rivals: createRivals(client, (watermark) => serviceAt(state, watermark)), until: LIVE_FROM,
    };
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`${cluster.said()}\n`);
  });
  afterAll(async () => {
    await replicas?.close();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const live = (days: number): Promise<void> => liveTheYear({ ...story, until: LIVE_FROM + days * DAY });
  /** kill -9 while the days go on, and a machine that comes back after a while. */
  const kill = async (machine: Machine, afterMs: number, awayMs: number): Promise<void> => {
    await sleep(afterMs);
    await machine.kill();
    await sleep(awayMs);
    machine.start();
  };

  it('deploys a first champion from history', async () => {
    await declare(story);
    await importHistory(story);
    await firstChampion(story);
    for (const machine of [gateway, ...workers, ...servers]) expect(`${machine.name} ${machine.crashes}`).toBe(`${machine.name} 0`);
  });

  it('lives on while one of each is killed', async () => {
    await live(3);
    for (const [i, machine] of [servers[0]!, workers[0]!, workers[2]!, gateway].entries()) await Promise.all([live(3 + 3 * (i + 1)), kill(machine, 500, 1_500)]);
    await live(DAYS);
    expect([...replicas.answered.keys()].sort()).toEqual(['inference-server-1', 'inference-server-2']);
  });

  it('comes to the decisions and counts of the embedded topology', async () => {
    const { client, state } = story;
    const range = { from: LIVE_FROM, to: state.watermark! + DAY_US };
    const [audit, served] = [await client.auditLog(ENDPOINT, state.watermark!, range), await client.servedLoss(ENDPOINT, state.watermark!, range)];
    const decisions = (await client.decisions(ENDPOINT)).map(({ decision: d, reasons }) => ({ at: isoTime(d.at), action: d.action, version: versionKey(d.version), verdict: d.verdict, reasons: reasons.length > 0 || d.note === '' ? reasons : [d.note] }));
    const incidents = (await client.incidents(ENDPOINT)).map(({ incidentId }) => incidentId);
    const counts = { served: state.served, logged: served.served, duplicated: served.duplicated, labelled: served.labelled, audited: audit.rows, parityMismatches: audit.mismatches };
    const same = await calm;
    expect(decisions).toEqual(same.decisions);
    expect(counts).toEqual(same.counts);
    expect(incidents).toEqual(same.incidents.map(({ id }) => id));
  });

  /** Asks every prediction of a day, by both servers in turn. @returns rows */
  const predictDay = async (day: number): Promise<number> => {
    const { timeline } = story;
    let rows = 0;
    for (let tick = timeline.nextTick(day); tick !== null && tick < day + DAY; tick = timeline.nextTick(tick + 1)) {
      rows += (await replicas.predict(tick, timeline.due(tick))).late.length;
    }
    return rows;
  };
  const loggedRows = async (watermark: number): Promise<number> => (await story.client.servedLoss(ENDPOINT, watermark, { from: LIVE_FROM, to: watermark + DAY_US })).served;
  const until = async <T>(ask: () => Promise<T | null | undefined | false>): Promise<T> => {
    for (;;) {
      const found = await ask();
      if (found) return found;
      await sleep(200);
    }
  };

  it('waits for the log of a server that died, says so, goes on when it is given up, and takes it when it comes back', async () => {
    const { client, state } = story;
    const api = createClient({ url: cluster.gatewayUrl, token: cluster.tokens.platform });
    const [first, second] = [state.watermark! + DAY, state.watermark! + 2 * DAY];
    const rows = await predictDay(state.watermark!);
    // What it says of its log is as old as its last lease.
    await until(async () => (await api.endpoints.servers.query({ endpoint: ENDPOINT })).servers.every(({ unsealed }) => (unsealed ?? 0) > 0));
    await servers[1]!.kill();
    const step = client.advance(ENDPOINT, first);
    const held = await until(async () => (await api.endpoints.servers.query({ endpoint: ENDPOINT })).held[0]);
    expect(held).toMatchObject({ endpoint: ENDPOINT, sealThrough: first });
    expect(held.unsealed).toBeGreaterThan(0);
    // It may only be slow: until it has been silent for a while nobody may give it up.
    const lost = await until(() => api.endpoints.loseLog.mutate({ endpoint: ENDPOINT, server: held.server, note: 'its disk is gone' }).catch((error: unknown) => {
      expect(isRefusal(error, 'INVALID_TRANSITION')).toBe(true);
      return null;
    }));
    expect(lost).toMatchObject({ server: held.server, by: { id: 'platform' }, note: 'its disk is gone', returnedAt: null });
    await step;
    const without = await loggedRows(first);
    expect(without).toBeLessThan(state.served + rows);
    expect(state.served + rows - without).toBeGreaterThanOrEqual(lost.unsealed ?? 0);

    servers[1]!.start();
    await until(async () => (await api.endpoints.servers.query({ endpoint: ENDPOINT })).lost[0]?.returnedAt);
    await client.advance(ENDPOINT, second);
    expect(await loggedRows(second)).toBe(state.served + rows);
    // What was decided on does not change by what came late.
    expect(await loggedRows(first)).toBe(without);
    state.served += rows;
    state.watermark = second;
    await api.close();
  });

  it('loses nothing of a server that is scaled away, and does not wait for it', async () => {
    const { client, state } = story;
    const rows = await predictDay(state.watermark!);
    expect(await servers[1]!.stop()).toBe(0);
    // Its volume goes with it.
    rmSync(servers[1]!.home, { recursive: true });
    await gateway.kill();
    gateway.start();
    const next = state.watermark! + DAY;
    await client.advance(ENDPOINT, next);
    expect(await loggedRows(next)).toBe(state.served + rows);
  });

  it('has one gateway: another one is refused, whether the first one runs or not', async () => {
    const other = cluster.add('gateway');
    await until(() => Promise.resolve(other.said().includes('error ALREADY_RUNNING: ')));
    await gateway.kill();
    await until(() => Promise.resolve(other.said().includes('error LOGS_ELSEWHERE: ')));
    await other.stop();
    gateway.start();
    await until(() => story.client.watermark(ENDPOINT));
  });
});
