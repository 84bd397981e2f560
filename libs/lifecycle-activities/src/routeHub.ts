import { MettleError, type Hash, type HeldSeal, type RawSegment, type RouteTable, type ServerLease, type TimeUs } from '@mettle/contracts';

/** A server that has not renewed its lease for this long is not live: its supervisor restarts it, and its log is adopted then. */
export const DEAD_AFTER_MS = 10_000;
/**
 * A dead server holds back the epoch's barrier for this long. Its log holds back a seal for as long as it takes: the server
 * comes back with it, or an operator declares it lost.
 */
const FORGOTTEN_AFTER_MS = 60_000;

export interface RouteHubDeps {
  /** Wall clock, ms. */
  readonly now?: () => number;
  /** Where servers are remembered across restarts: a log that was never sealed, and pieces of one that has gone, must not be forgotten. */
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
  /** The pieces are registered: servers hear so with their next lease; one that has gone is forgotten with its last piece. */
  acknowledge(hashes: readonly Hash[]): Promise<void>;
  /** Servers known from an earlier life of this process: their confirmation is awaited too. */
  expect(leases: readonly ServerLease[]): void;
  /** @throws MettleError INVALID_TRANSITION when the server lives, NOT_FOUND when it is not waited for */
  checkDead(endpoint: string, server: string): void;
  /** Waits no longer for a server that does not answer. @throws MettleError INVALID_TRANSITION when it lives, NOT_FOUND */
  forget(endpoint: string, server: string): Promise<void>;
  /** Servers that an order to seal waits for. */
  held(endpoint: string): HeldSeal[];
  servers(endpoint: string): { readonly server: string; readonly lease: ServerLease; readonly alive: boolean; readonly silentMs: number }[];
  /** Waits until every known server has sealed through T. @throws MettleError UNAVAILABLE naming those that have not; LOG_HELD when one of them is dead */
  awaitSealed(endpoint: string, sealThrough: TimeUs, limitMs: number): Promise<void>;
  /** Waits until every server serves the epoch; one that has been dead for a minute is no longer waited for. @returns live servers. @throws MettleError UNAVAILABLE */
  awaitEpoch(endpoint: string, epoch: number, limitMs: number): Promise<number>;
}

/** Why a seal does not come, for people. */
export const heldBy = ({ endpoint, server, silentMs, unsealed }: HeldSeal): string =>
  `the log of '${endpoint}' on server ${server}, silent for ${Math.round(silentMs / 1000)} s, is not sealed (${unsealed === null ? 'an unknown number of' : `at least ${unsealed}`} predictions)`;

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
  /** Of a server that is only known from an earlier life, the silence begins with this one. */
  const born = now();
  const age = ({ heardAt }: Seat): number => now() - (heardAt ?? born);
  const alive = (seat: Seat): boolean => seat.heardAt !== null && !seat.lease.departed && age(seat) <= DEAD_AFTER_MS;
  const hasSealed = (lease: ServerLease, through: TimeUs): boolean => lease.departed || (lease.sealedThrough ?? -Infinity) >= through;
  const lateTo = (endpoint: string, through: TimeUs): HeldSeal[] =>
    [...seatsOf(endpoint).entries()].filter(([, { lease }]) => !hasSealed(lease, through))
      .map(([server, seat]) => ({ endpoint, server, sealThrough: through, silentMs: age(seat), unsealed: seat.lease.unsealed }));

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

  const checkDead = (endpoint: string, server: string): void => {
    const seat = seatsOf(endpoint).get(server);
    if (seat === undefined || seat.lease.departed) throw new MettleError('NOT_FOUND', `no server '${server}' of '${endpoint}' is waited for`, { endpoint, server, known: [...seatsOf(endpoint).keys()] });
    if (alive(seat)) throw new MettleError('INVALID_TRANSITION', `server '${server}' of '${endpoint}' was heard ${age(seat)} ms ago: it lives, and seals its log by itself`, { endpoint, server });
  };
  /** Servers that have gone, once all that they left is registered. */
  const bury = async (endpoint: string): Promise<void> => {
    for (const [server, { lease }] of seatsOf(endpoint)) {
      if (!lease.departed || lease.sealed.some(({ hash }) => !registered.has(hash))) continue;
      seatsOf(endpoint).delete(server);
      await store?.dropLease(endpoint, server);
    }
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
      const known = room.get(lease.server);
      const acknowledged = lease.sealed.map((piece) => piece.hash).filter((hash) => registered.has(hash));
      const comes = known?.lease.departed !== false && !lease.departed;
      // What a server that goes leaves in the blob store is known nowhere else.
      if (comes || lease.departed) await store?.saveLease({ ...lease, sealed: lease.departed ? lease.sealed.filter(({ hash }) => !registered.has(hash)) : [] });
      room.set(lease.server, { lease, heardAt: now() });
      await bury(lease.endpoint);
      wake();
      return { acknowledged };
    },
    pending: (endpoint) => [...seatsOf(endpoint).values()].flatMap(({ lease }) => lease.sealed).filter((piece) => !registered.has(piece.hash)),
    async acknowledge(hashes) {
      for (const hash of hashes) registered.add(hash);
      for (const endpoint of seats.keys()) await bury(endpoint);
    },
    expect(leases) {
      for (const lease of leases) if (!seatsOf(lease.endpoint).has(lease.server)) seatsOf(lease.endpoint).set(lease.server, { lease: lease.departed ? lease : { ...lease, sealedThrough: null, sealed: [], unsealed: null }, heardAt: null });
    },
    checkDead,
    async forget(endpoint, server) {
      checkDead(endpoint, server);
      await store?.dropLease(endpoint, server);
      seatsOf(endpoint).delete(server);
      wake();
    },
    held: (endpoint) => (seals.has(endpoint) ? lateTo(endpoint, seals.get(endpoint) as TimeUs) : []),
    servers: (endpoint) => [...seatsOf(endpoint).entries()].map(([server, seat]) => ({ server, lease: seat.lease, alive: alive(seat), silentMs: age(seat) })),
    async awaitSealed(endpoint, sealThrough, limitMs) {
      if ((await until(() => (lateTo(endpoint, sealThrough).length === 0 ? true : undefined), limitMs)) !== undefined) return;
      const late = lateTo(endpoint, sealThrough);
      const dead = late.filter(({ silentMs }) => silentMs > FORGOTTEN_AFTER_MS);
      const servers = late.map(({ server }) => server);
      if (dead.length > 0) throw new MettleError('LOG_HELD', dead.map(heldBy).join('; '), { endpoint, servers, silentMs: dead.map(({ silentMs }) => silentMs), unsealed: dead.map(({ unsealed }) => unsealed) });
      if (late.length > 0) throw new MettleError('UNAVAILABLE', `servers ${servers.join(', ')} of '${endpoint}' have not sealed their logs`, { endpoint, servers });
    },
    async awaitEpoch(endpoint, epoch, limitMs) {
      const late = (): string[] => [...seatsOf(endpoint).entries()]
        .filter(([, seat]) => !seat.lease.departed && !(seat.heardAt !== null && seat.lease.epoch >= epoch) && age(seat) <= FORGOTTEN_AFTER_MS).map(([server]) => server);
      if ((await until(() => (late().length === 0 ? true : undefined), limitMs)) === undefined && late().length > 0) {
        throw new MettleError('UNAVAILABLE', `servers ${late().join(', ')} of '${endpoint}' have not reached epoch ${epoch}`, { endpoint, servers: late() });
      }
      return [...seatsOf(endpoint).values()].filter(alive).length;
    },
  };
}
