import { hashOf, sameVersion, versionKey, type EndpointPlan, type Hash, type RouteTable, type TimeUs, type VersionRef } from '@mettle/contracts';

/** What a server needs to load each version, by `model@version`. */
export type RouteFiles = RouteTable['files'];

/** The part a version plays in a table; a version has at most one. */
export type Role = 'champion' | 'challenger' | 'shadow' | 'warm';

/** Previous champions kept loaded and scored: each costs a scoring of every row. */
export const KEEP_WARM = 1;

/** Hash of a table's content: everything but `sealThrough` and `hash`. */
export function tableHash(table: RouteTable): Hash {
  const { hash: _hash, sealThrough: _sealThrough, ...content } = table;
  return hashOf(content);
}

/** The table at epoch 0, before the first deploy: it serves nothing. */
export function emptyTable(endpoint: string, plan: Pick<EndpointPlan, 'clock' | 'overrides'> & { policy: { stickyKeys: readonly string[] } }): RouteTable {
  const table: RouteTable = {
    v: 1,
    endpoint,
    epoch: 0,
    hash: '',
    effectiveFrom: 0,
    clock: plan.clock,
    sealThrough: null,
    salt: '',
    stickyKeys: [...plan.policy.stickyKeys],
    paused: false,
    champion: null,
    warm: [],
    challengers: [],
    shadows: [],
    overrides: plan.overrides,
    files: {},
  };
  return { ...table, hash: tableHash(table) };
}

/**
 * The table as a newer plan wants it: overrides always; sticky keys only while nobody is challenging, because units keep
 * their arm for the length of a challenge. The epoch stays: the caller commits the result through a transition.
 */
export function withPlan(table: RouteTable, plan: Pick<EndpointPlan, 'overrides'> & { policy: { stickyKeys: readonly string[] } }): RouteTable {
  const stickyKeys = table.challengers.length === 0 ? [...plan.policy.stickyKeys] : table.stickyKeys;
  const next = { ...table, stickyKeys, overrides: plan.overrides };
  return { ...next, hash: tableHash(next) };
}

/** The table with the feed's order to seal; epoch and hash stay. */
export const withSealThrough = (table: RouteTable, sealThrough: TimeUs | null): RouteTable => ({ ...table, sealThrough });

/** The part that a version plays, or null. */
export function roleOf(table: RouteTable, version: VersionRef): Role | null {
  if (sameVersion(table.champion, version)) return 'champion';
  if (table.challengers.some((c) => sameVersion(c.version, version))) return 'challenger';
  if (table.shadows.some((s) => sameVersion(s.version, version))) return 'shadow';
  if (table.warm.some((w) => sameVersion(w, version))) return 'warm';
  return null;
}

/** Keys of every version that a server must have loaded, each once. */
export function versionsInTable(table: RouteTable): string[] {
  const refs = [table.champion, ...table.challengers.map((c) => c.version), ...table.shadows.map((s) => s.version), ...table.warm];
  return [...new Set(refs.filter((ref) => ref !== null).map(versionKey))];
}
