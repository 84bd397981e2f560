import { isMettleError, MettleError } from '@mettle/contracts';
import { Pool } from 'undici';
import type { Flight } from './flightData.ts';
import { persist } from './persist.ts';
import { ENDPOINT, requestIdOf } from './timeline.ts';

export interface Answer {
  /** Probability of being late, per row. */
  readonly late: number[];
  /** `model@n` that served each row. */
  readonly versions: string[];
}

export interface InferenceClient {
  predict(tick: number, due: readonly Flight[]): Promise<Answer>;
  /** The version that the server would serve now, as it says itself. */
  champion(): Promise<string | null>;
  close(): Promise<void>;
}

/**
 * Speaks the Open Inference Protocol v2 over one kept-alive connection.
 * @param patienceMs how long a server that does not answer is asked again
 */
export function createInferenceClient(url: string, token: string, patienceMs?: number): InferenceClient {
  const pool = new Pool(url, { connections: 2, pipelining: 1 });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const once = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const reply = await pool.request({ method, path, headers, body: body === undefined ? null : JSON.stringify(body) });
    const json = (await reply.body.json()) as Record<string, unknown>;
    if (reply.statusCode !== 200) {
      throw new MettleError(reply.statusCode >= 500 ? 'UNAVAILABLE' : 'INVALID_INPUT', String(json['error']), { status: reply.statusCode, code: String(json['code']) });
    }
    return json;
  };
  /** A request id makes a repetition harmless: what was answered before a kill is answered again, not logged twice. */
  const call = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<Record<string, unknown>> =>
    persist(() => once(method, path, body), (error) => isMettleError(error) && error.code !== 'UNAVAILABLE', patienceMs);
  return {
    async predict(tick, due) {
      const column = (name: string, datatype: string, of: (f: Flight) => string | number) => ({ name, datatype, shape: [due.length], data: due.map(of) });
      const reply = await call('POST', `/v2/models/${ENDPOINT}/infer`, {
        id: requestIdOf(tick),
        inputs: [
          column('origin', 'BYTES', (f) => f.origin),
          column('dest', 'BYTES', (f) => f.dest),
          column('carrier', 'BYTES', (f) => f.carrier),
          column('plane', 'BYTES', (f) => f.plane),
          column('distance', 'FP64', (f) => f.distance),
          column('scheduled', 'INT64', (f) => f.scheduled),
          column('at', 'INT64', () => tick),
        ],
      });
      const output = (reply['outputs'] as { shape: number[]; data: number[] }[])[0]!;
      const width = output.shape[1] ?? 1;
      const parameters = reply['parameters'] as Record<string, string>;
      const versions = parameters['versions']!.split(',');
      return {
        late: due.map((_, row) => output.data[row * width + width - 1]!),
        versions: due.map((_, row) => versions[row] ?? versions[0]!),
      };
    },
    async champion() {
      const reply = await call('GET', `/v2/models/${ENDPOINT}`);
      return (reply['versions'] as string[] | undefined)?.[0] ?? null;
    },
    close: () => pool.close(),
  };
}
