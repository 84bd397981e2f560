import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client';
import { MettleError } from '@mettle/contracts';
import type { AppRouter } from '@mettle/gateway';
import { Agent } from 'undici';
import { createFiles, type Files } from './files.ts';
import { poolFetch } from './poolFetch.ts';
import { eventSourceOver } from './sse.ts';

export interface ClientOptions {
  /** Of the gateway, e.g. `http://127.0.0.1:7410`. */
  readonly url: string;
  readonly token: string;
  /** Connections kept alive, a call each at a time. */
  readonly connections?: number;
  /** ms before a broken subscription is opened again. */
  readonly reconnectMs?: number;
}

/** The gateway's procedures, typed from its router: `client.endpoints.route.query({ endpoint })`. */
export type Client = TRPCClient<AppRouter> & {
  /** Bytes: models and data versions. */
  readonly files: Files;
  /** The state of the gateway and of what it depends on. */
  readonly health: () => Promise<Health>;
  /** Ends the connections; a process that is done with the client may then exit. */
  readonly close: () => Promise<void>;
};

export interface Health {
  readonly status: string;
  readonly ready: boolean;
  readonly dependencies: Readonly<Record<string, 'up' | 'down'>>;
}

export function createClient({ url, token, connections = 8, reconnectMs = 500 }: ClientOptions): Client {
  const base = url.replace(/\/+$/, '');
  // A step of the clock may train: the answer is awaited for as long as it takes.
  const agent = new Agent({ connections, pipelining: 1, keepAliveTimeout: 60_000, headersTimeout: 0, bodyTimeout: 0 });
  const headers = { authorization: `Bearer ${token}` };
  const api = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url: `${base}/trpc`, EventSource: eventSourceOver(agent, headers, reconnectMs) }),
        // A batching link would hold each call back for a timer's turn, which is longer than the call.
        false: httpLink({ url: `${base}/trpc`, headers, fetch: poolFetch(agent) }),
      }),
    ],
  });
  const health = async (): Promise<Health> => {
    const { status, json } = await poolFetch(agent)(`${base}/health`, { headers });
    if (status === 401) throw new MettleError('UNAUTHENTICATED', 'the gateway does not know this token');
    return (await json()) as Health;
  };
  const own: Record<PropertyKey, unknown> = { files: createFiles(base, headers, agent), health, close: () => agent.destroy() };
  // The typed client is a proxy that makes a path of every property: ours come first.
  return new Proxy(api, { get: (target, name) => (name in own ? own[name] : Reflect.get(target, name)) }) as Client;
}
