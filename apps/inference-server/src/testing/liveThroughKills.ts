import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionKey, type PredictionEntry } from '@mettle/contracts';
import { bundleMain, freePort, startMain, type Child } from './child.ts';
import { call, ENDPOINT, inputs, openWorld, TOKEN, type Reply } from './world.ts';

export interface Lived {
  /** What clients were told, by request id. */
  readonly answers: ReadonlyMap<string, Reply>;
  readonly entries: readonly PredictionEntry[];
  /** The champion of each epoch. */
  readonly champions: ReadonlyMap<number, string>;
  readonly exitCode: number | null;
}

/**
 * A server in a process of its own, killed (-9) `rounds` times under load while its champion changes and its log is
 * sealed. Clients repeat what was not answered, as they should.
 */
export async function liveThroughKills(rounds: number): Promise<Lived> {
  const world = await openWorld();
  try {
    await world.addVersion(1, 'tree.onnx');
    await world.addVersion(2, 'tree-b.onnx');
    const champions = new Map<number, string>();
    const decide = (...args: Parameters<typeof world.decide>): void => {
      const table = world.decide(...args);
      champions.set(table.epoch, versionKey(table.champion!));
    };
    decide('deploy', 1);
    decide('startShadow', 2);
    decide('startChallenge', 2, 1);
    writeFileSync(join(world.home, 'token'), TOKEN);
    const script = await bundleMain();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const start = (): Child => startMain(script, { METTLE_HOME: world.home, METTLE_INFERENCE_PORT: String(port), METTLE_GATEWAY_URL: world.gateway.url, METTLE_SERVER: 's1', METTLE_LOG_LEVEL: 'fatal' });

    const answers = new Map<string, Reply>();
    let running = true;
    let sent = 0;
    const client = async (): Promise<void> => {
      while (running) {
        sent += 1;
        const id = `r${sent}`;
        for (let done = false; !done; ) {
          const reply = await call(url, 'POST', `/v2/models/${ENDPOINT}/infer`, { id, inputs: inputs(3) }).catch(() => null);
          done = reply?.status === 200;
          if (done) answers.set(id, reply!);
          else await sleep(5);
        }
      }
    };
    let child = start();
    const clients = Array.from({ length: 4 }, client);
    const answered = async (more: number): Promise<void> => {
      const goal = answers.size + more;
      while (answers.size < goal) await sleep(2);
    };
    for (let round = 0; round < rounds; round += 1) {
      await answered(20 + ((round * 37) % 60));
      decide(round % 2 === 0 ? 'promote' : 'rollBack', 2);
      const sealing = round % 3 === 1 ? world.logged() : null;
      await answered((round * 13) % 9);
      await child.kill();
      child = start();
      await sealing;
    }
    await answered(20);
    running = false;
    await Promise.all(clients);
    const entries = await world.logged();
    return { answers, entries, champions, exitCode: await child.stop() };
  } finally {
    await world.close();
  }
}
