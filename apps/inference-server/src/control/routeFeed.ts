import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { RouteTable, type ServerLease } from '@mettle/contracts';

/** How the control plane reaches this server: tables come in by long poll, confirmations go out as leases. */
export interface RouteFeed {
  stop(): Promise<void>;
  /** Tells, after `stop`, that this server goes and has sealed its whole log. */
  farewell(leases: readonly ServerLease[]): Promise<void>;
}

const Feed = z.object({ tables: z.array(RouteTable) });
const Acknowledged = z.object({ acknowledged: z.array(z.string()) });
const RENEW_MS = 2_000;
const MAX_WAIT_MS = 1_000;
const FAREWELL_MS = 3_000;

export interface RouteFeedOptions {
  readonly gateway: string;
  readonly token: string;
  readonly server: string;
  /** What this server has, so that the feed answers only what is newer. */
  readonly known: () => readonly { endpoint: string; epoch: number; sealed: number | null }[];
  readonly leases: () => readonly ServerLease[];
  /** Serves and seals as the table says. */
  readonly follow: (table: RouteTable) => Promise<void>;
  readonly forget: (endpoint: string, hashes: readonly string[]) => Promise<void>;
  /** Every two seconds. */
  readonly refresh: () => Promise<void>;
  readonly onError: (what: string, error: unknown) => void;
}

/** Follows the route feed until stopped. An outage of the control plane changes nothing here but the age of the table. */
export function startRouteFeed(options: RouteFeedOptions): RouteFeed {
  const { gateway, server, onError } = options;
  const agent = new Agent({ keepAliveTimeout: 30_000, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const headers = { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' };
  const stopping = new AbortController();
  const { signal } = stopping;

  /** @returns pieces of the lease that are registered */
  const send = async (lease: ServerLease, within: AbortSignal): Promise<readonly string[]> => {
    const reply = await request(`${gateway}/internal/leases`, { method: 'POST', headers, body: JSON.stringify(lease), dispatcher: agent, signal: within });
    const json = await reply.body.json();
    if (reply.statusCode !== 200) throw new Error(`the gateway answered a lease with ${reply.statusCode}`);
    return Acknowledged.parse(json).acknowledged;
  };
  const renew = async (): Promise<void> => {
    for (const lease of options.leases()) await options.forget(lease.endpoint, await send(lease, signal));
  };
  let confirming: Promise<void> = Promise.resolve();
  /** One confirmation at a time: a lease that overtakes a newer one would take it back. */
  const confirm = (): Promise<void> => {
    confirming = confirming.then(renew).catch((error: unknown) => {
      if (!signal.aborted) onError('the lease was not renewed', error);
    });
    return confirming;
  };

  /** @returns whether every table is served now */
  const followAll = async (tables: readonly RouteTable[]): Promise<boolean> => {
    let good = true;
    for (const table of tables) {
      try {
        await options.follow(table);
      } catch (error) {
        good = false;
        onError(`epoch ${table.epoch} of '${table.endpoint}' is not served yet`, error);
      }
    }
    return good;
  };
  const ask = async (): Promise<boolean> => {
    const known = options.known();
    const query = new URLSearchParams({ server });
    if (known.length > 0) query.set('epoch', known.map(({ endpoint, epoch }) => `${endpoint}:${epoch}`).join(','));
    const sealed = known.filter((one) => one.sealed !== null);
    if (sealed.length > 0) query.set('seal', sealed.map((one) => `${one.endpoint}:${one.sealed}`).join(','));
    const reply = await request(`${gateway}/internal/routes?${query.toString()}`, { headers, dispatcher: agent, signal });
    if (reply.statusCode !== 200) {
      await reply.body.dump();
      if (reply.statusCode === 204) return true;
      throw new Error(`the gateway answered the route feed with ${reply.statusCode}`);
    }
    const good = await followAll(Feed.parse(await reply.body.json()).tables);
    await confirm();
    return good;
  };
  const poll = async (): Promise<void> => {
    let wait = 50;
    while (!signal.aborted) {
      let good = false;
      try {
        good = await ask();
      } catch (error) {
        if (!signal.aborted) onError('the route feed was interrupted', error);
      }
      if (good) wait = 50;
      else {
        await sleep(wait, undefined, { signal }).catch(() => undefined);
        wait = Math.min(MAX_WAIT_MS, wait * 2);
      }
    }
  };
  const polling = poll();
  const timer = setInterval(() => {
    options.refresh().catch((error: unknown) => onError('the online store could not be opened', error));
    void confirm();
  }, RENEW_MS);

  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all([polling, confirming]);
    },
    async farewell(leases) {
      try {
        // What is registered stays until the next start, which gives its requests their answers again.
        for (const lease of leases) await send(lease, AbortSignal.timeout(FAREWELL_MS));
      } finally {
        await agent.destroy();
      }
    },
  };
}
