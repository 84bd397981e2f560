import { MettleError, type Hash, type RawSegment, type RouteTable, type ServerLease, type TimeUs } from '@mettle/contracts';

/** A server that has not renewed its lease for this long is not live: its supervisor restarts it, and its log is adopted then. */
export const DEAD_AFTER_MS = 10_000;
/** A dead server holds back the epoch's barrier for this long; its log holds back a seal for as long as it takes. */
const FORGOTTEN_AFTER_MS = 60_000;

export interface RouteHubDeps {
  /** Wall clock, ms. */
  readonly now?: () => number;
  /** Where servers are remembered across restarts: a log that was never sealed must not be forgotten. */
  readonly store?: { saveLease(lease: ServerLease): Promise<void>; dropLease(endpoint: string, server: string): Promise<void> };
}

interface Seat {
  lease: ServerLease;
  /** ms of this process's clock; null: known from an earlier life, not yet heard in this one. */
  heardAt: number | null;
}

/**
 * Where routes go out and leases come in, in the process that owns the logs. Servers long-poll
 * {@link RouteHub.waitForChange} and answer with {@link RouteHub.lease}; the barriers of a step wait for their answers.
 */
export interface RouteHub {
  /** The newest table of its endpoint; an older epoch is ignored. Wakes whoever waits. */
  publish(table: RouteTable): void;
  /** The table in force, with the order to seal. */
  table(endpoint: string): RouteTable | null;
  /** Orders every server to seal its log through `sealThrough`. Wakes whoever waits. */
  requestSeal(endpoint: string, sealThrough: TimeUs): void;
  /**
   * The table once its epoch is not `epoch` or its order to seal is later than `sealed`; at once when that is so already.
   * @returns null when `timeoutMs` went by
   */
  waitForChange(ask: { readonly endpoint: string; readonly epoch: number | null; readonly sealed: TimeUs | null; readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<RouteTable | null>;
  /** A server's confirmation. @returns hashes of its pieces that are registered: it may delete those files */
  lease(lease: ServerLease): Promise<{ acknowledged: Hash[] }>;
  /** Pieces that servers have sealed and that are not registered yet. */
  pending(endpoint: string): RawSegment[];
  /** The pieces are registered: servers hear so with their next lease. */
  acknowledge(hashes: readonly Hash[]): void;
  /** Servers known from an earlier life of this process: their confirmation is awaited too. */
  expect(leases: readonly ServerLease[]): void;
  /** A server that stopped in order and has no unsealed log. */
  retire(endpoint: string, server: string): Promise<void>;
  servers(endpoint: string): { readonly server: string; readonly lease: ServerLease; readonly alive: boolean }[];
  /** Waits until every known server has sealed through T. @throws MettleError UNAVAILABLE naming those that have not */
  awaitSealed(endpoint: string, sealThrough: TimeUs, limitMs: number): Promise<void>;
  /** Waits until every server serves the epoch; one that has been dead for a minute is no longer waited for. @returns live servers. @throws MettleError UNAVAILABLE */
  awaitEpoch(endpoint: string, epoch: number, limitMs: number): Promise<number>;
}

export function createRouteHub({ now = Date.now, store }: RouteHubDeps = {}): RouteHub {
  const tables = new Map<string, RouteTable>();
  const seals = new Map<string, TimeUs>();
  const seats = new Map<string, Map<string, Seat>>();
  const registered = new Set<Hash>();
  const waiting = new Set<() => void>();

  const wake = (): void => {
    for (const check of [...waiting]) check();
  };
  const seatsOf = (endpoint: string): Map<string, Seat> => {
    const known = seats.get(endpoint);
    if (known) return known;
    const fresh = new Map<string, Seat>();
    seats.set(endpoint, fresh);
    return fresh;
  };
  const table = (endpoint: string): RouteTable | null => {
    const held = tables.get(endpoint);
    return held === undefined ? null : { ...held, sealThrough: seals.get(endpoint) ?? null };
  };
  const age = ({ heardAt }: Seat): number => (heardAt === null ? 0 : now() - heardAt);
  const alive = (seat: Seat): boolean => seat.heardAt !== null && age(seat) <= DEAD_AFTER_MS;

  /** Resolves with the first value that `look` finds, or with undefined after the time. */
  const until = <T>(look: () => T | undefined, limitMs: number, signal?: AbortSignal): Promise<T | undefined> => {
    const found = look();
    if (found !== undefined || limitMs <= 0 || signal?.aborted === true) return Promise.resolve(found);
    return new Promise((resolve) => {
      const done = (value: T | undefined): void => {
        waiting.delete(check);
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        resolve(value);
      };
      const check = (): void => {
        const value = look();
        if (value !== undefined) done(value);
      };
      const stop = (): void => done(undefined);
      const timer = setTimeout(() => done(look()), limitMs);
      signal?.addEventListener('abort', stop);
      waiting.add(check);
    });
  };
  const awaitAll = async (endpoint: string, what: string, ready: (seat: Seat) => boolean, limitMs: number): Promise<void> => {
    const late = (): string[] => [...seatsOf(endpoint).entries()].filter(([, seat]) => !ready(seat)).map(([server]) => server);
    const done = await until(() => (late().length === 0 ? true : undefined), limitMs);
    if (done === undefined) throw new MettleError('UNAVAILABLE', `servers ${late().join(', ')} of '${endpoint}' have not ${what}`, { endpoint, servers: late() });
  };

  return {
    table,
    publish(next) {
      const held = tables.get(next.endpoint);
      if (held !== undefined && held.epoch > next.epoch) return;
      tables.set(next.endpoint, next);
      wake();
    },
    requestSeal(endpoint, sealThrough) {
      if ((seals.get(endpoint) ?? -Infinity) >= sealThrough) return;
      seals.set(endpoint, sealThrough);
      wake();
    },
    async waitForChange({ endpoint, epoch, sealed, timeoutMs, signal }) {
      const look = (): RouteTable | undefined => {
        const held = table(endpoint);
        if (held === null) return undefined;
        return held.epoch !== epoch || (held.sealThrough !== null && held.sealThrough > (sealed ?? -Infinity)) ? held : undefined;
      };
      return (await until(look, timeoutMs, signal)) ?? null;
    },
    async lease(lease) {
      const room = seatsOf(lease.endpoint);
      const known = room.has(lease.server);
      room.set(lease.server, { lease, heardAt: now() });
      if (!known) await store?.saveLease({ ...lease, sealed: [] });
      wake();
      return { acknowledged: lease.sealed.map((piece) => piece.hash).filter((hash) => registered.has(hash)) };
    },
    pending: (endpoint) => [...seatsOf(endpoint).values()].flatMap(({ lease }) => lease.sealed).filter((piece) => !registered.has(piece.hash)),
    acknowledge(hashes) {
      for (const hash of hashes) registered.add(hash);
    },
    expect(leases) {
      for (const lease of leases) if (!seatsOf(lease.endpoint).has(lease.server)) seatsOf(lease.endpoint).set(lease.server, { lease: { ...lease, sealedThrough: null, sealed: [] }, heardAt: null });
    },
    async retire(endpoint, server) {
      seatsOf(endpoint).delete(server);
      await store?.dropLease(endpoint, server);
      wake();
    },
    servers: (endpoint) => [...seatsOf(endpoint).entries()].map(([server, seat]) => ({ server, lease: seat.lease, alive: alive(seat) })),
    awaitSealed: (endpoint, sealThrough, limitMs) => awaitAll(endpoint, 'sealed their logs', ({ lease }) => (lease.sealedThrough ?? -Infinity) >= sealThrough, limitMs),
    async awaitEpoch(endpoint, epoch, limitMs) {
      await awaitAll(endpoint, `reached epoch ${epoch}`, (seat) => seat.lease.epoch >= epoch && seat.heardAt !== null ? true : age(seat) > FORGOTTEN_AFTER_MS, limitMs);
      return [...seatsOf(endpoint).values()].filter(alive).length;
    },
  };
}
