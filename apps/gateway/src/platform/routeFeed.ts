import type { RouteTable, TimeUs } from '@mettle/contracts';
import type { RouteHub } from '@mettle/lifecycle-activities';
import type { Registry } from '@mettle/registry';

/** What a server has: per endpoint, or one value for all. */
export interface Known {
  readonly epoch: (endpoint: string) => number | null;
  readonly sealed: (endpoint: string) => TimeUs | null;
}

/** The route tables of every endpoint as one feed. */
export interface RouteFeed {
  readonly hub: RouteHub;
  /** Loads the heads and the known servers, so that a restart forgets neither. */
  load(): Promise<void>;
  /** An endpoint was declared here. */
  declared(endpoint: string): void;
  /** All tables, as soon as one differs from what is known; null when `timeoutMs` went by. */
  poll(known: Known, timeoutMs: number, signal: AbortSignal): Promise<RouteTable[] | null>;
}

export function createRouteFeed({ hub, registry }: { hub: RouteHub; registry: Registry }): RouteFeed {
  const names = new Set<string>();
  const newcomers = new Set<() => void>();

  return {
    hub,
    async load() {
      for (const endpoint of await registry.endpoints()) {
        names.add(endpoint);
        const table = await registry.route(endpoint);
        if (table.epoch > 0) hub.publish(table);
        hub.expect(await registry.leases(endpoint));
      }
    },
    declared(endpoint) {
      if (names.has(endpoint)) return;
      names.add(endpoint);
      for (const wake of newcomers) wake();
    },
    async poll(known, timeoutMs, signal) {
      const until = performance.now() + timeoutMs;
      const stop = new AbortController();
      const abort = (): void => stop.abort();
      signal.addEventListener('abort', abort);
      try {
        while (!signal.aborted) {
          const left = until - performance.now();
          if (left <= 0) return null;
          const round = new AbortController();
          const ask = AbortSignal.any([round.signal, stop.signal]);
          let joined = (): void => undefined;
          const newcomer = new Promise<'newcomer'>((resolve) => newcomers.add((joined = () => resolve('newcomer'))));
          const changes = [...names].map((endpoint) => hub.waitForChange({ endpoint, epoch: known.epoch(endpoint), sealed: known.sealed(endpoint), timeoutMs: left, signal: ask }));
          const idle = new Promise<null>((resolve) => {
            const timer = setTimeout(() => resolve(null), left);
            ask.addEventListener('abort', () => (clearTimeout(timer), resolve(null)));
          });
          const first = await Promise.race([newcomer, ...(changes.length > 0 ? changes : [idle])]);
          newcomers.delete(joined);
          round.abort();
          if (first === 'newcomer') continue;
          return first === null ? null : [...names].flatMap((endpoint) => hub.table(endpoint) ?? []);
        }
        return null;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
  };
}
