import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { RouteTable, type ServerLease } from '@mettle/contracts';

/** How the control plane reaches this server: tables come in by long poll, confirmations go out as leases. */
export interface RouteFeed {
  /** Confirms at once; resolves when the control plane has it (or the attempt failed). */
  confirm(): Promise<void>;
  stop(): Promise<void>;
}

const Feed = z.object({ tables: z.array(RouteTable) });
const Acknowledged = z.object({ acknowledged: z.array(z.string()) });
const RENEW_MS = 2_000;

export interface RouteFeedOptions {
  readonly gateway: string;
  readonly token: string;
  readonly server: string;
  /** What this server has, so that the feed answers only what is newer. */
  readonly known: () => readonly { endpoint: string; epoch: number; sealed: number | null }[];
  readonly leases: () => readonly ServerLease[];
  readonly follow: (table: RouteTable) => Promise<void>;
  readonly forget: (endpoint: string, hashes: readonly string[]) => Promise<void>;
  readonly onError: (what: string, error: unknown) => void;
}

/** Follows the route feed until stopped. An outage of the control plane changes nothing here but the age of the table. */
export function startRouteFeed(options: RouteFeedOptions): RouteFeed {
  const agent = new Agent({ keepAliveTimeout: 30_000, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const headers = { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' };
  const stopping = new AbortController();

  const confirm = async (): Promise<void> => {
    for (const lease of options.leases()) {
      try {
        const reply = await request(`${options.gateway}/internal/leases`, { method: 'POST', headers, body: JSON.stringify(lease), dispatcher: agent, signal: stopping.signal });
        const json = await reply.body.json();
        if (reply.statusCode === 200) await options.forget(lease.endpoint, Acknowledged.parse(json).acknowledged);
      } catch (error) {
        if (!stopping.signal.aborted) options.onError('the lease was not renewed', error);
      }
    }
  };
  const poll = async (): Promise<void> => {
    let wait = 50;
    while (!stopping.signal.aborted) {
      try {
        const known = options.known();
        const query = new URLSearchParams({ server: options.server });
        if (known.length > 0) query.set('epoch', known.map(({ endpoint, epoch }) => `${endpoint}:${epoch}`).join(','));
        const sealed = known.filter((one) => one.sealed !== null);
        if (sealed.length > 0) query.set('seal', sealed.map((one) => `${one.endpoint}:${one.sealed}`).join(','));
        const reply = await request(`${options.gateway}/internal/routes?${query.toString()}`, { headers, dispatcher: agent, signal: stopping.signal });
        if (reply.statusCode === 200) {
          for (const table of Feed.parse(await reply.body.json()).tables) await options.follow(table);
          await confirm();
        } else await reply.body.dump();
        if (reply.statusCode >= 400) throw new Error(`the gateway answered ${reply.statusCode}`);
        wait = 50;
      } catch (error) {
        if (stopping.signal.aborted) return;
        options.onError('the route feed was interrupted', error);
        await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
        wait = Math.min(1_000, wait * 2);
      }
    }
  };
  const polling = poll();
  const timer = setInterval(() => void confirm(), RENEW_MS);
  return {
    confirm,
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await polling;
      await agent.close();
    },
  };
}
