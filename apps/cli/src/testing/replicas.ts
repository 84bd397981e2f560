import { createInferenceClient, type InferenceClient } from '../demo/inferenceClient.ts';
import { TICK_US } from '../demo/flightData.ts';
import type { Machine } from './machine.ts';

/** How long one replica is asked before the next one is, ms. */
const PATIENCE_MS = 300;
const ROUNDS = 200;

/** Asks replicas in turn by tick, and another one when the one whose turn it is does not answer: what a load balancer does. */
export function replicatedInference(machines: readonly Machine[], token: string): InferenceClient & { readonly answered: ReadonlyMap<string, number> } {
  const replicas = machines.map(({ name, host }) => ({ name, client: createInferenceClient(`http://${host}:7420`, token, PATIENCE_MS) }));
  const answered = new Map<string, number>();
  const ask = async <T>(first: number, call: (client: InferenceClient) => Promise<T>): Promise<T> => {
    let failure: unknown;
    for (let i = 0; i < ROUNDS * replicas.length; i += 1) {
      const { name, client } = replicas[(first + i) % replicas.length]!;
      try {
        const answer = await call(client);
        answered.set(name, (answered.get(name) ?? 0) + 1);
        return answer;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
  return {
    answered,
    predict: (tick, due) => ask(Math.floor(tick / TICK_US), (client) => client.predict(tick, due)),
    champion: () => ask(0, (client) => client.champion()),
    close: async () => void (await Promise.all(replicas.map(({ client }) => client.close()))),
  };
}
