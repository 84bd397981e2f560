import { versionKey, type Arm, type RouteTable, type VersionRef } from '@mettle/contracts';
import { BUCKETS } from './bucket.ts';
import type { Role } from './table.ts';

/** One version that a server scores rows with. */
export interface VersionToScore {
  readonly version: VersionRef;
  /** `model@version`. */
  readonly key: string;
  readonly role: Role;
  /** The arm that its scores are logged under; a warm version is a shadow. */
  readonly arm: Arm;
  /** Basis points of rows; {@link inSample} decides which. */
  readonly sample: number;
}

const planned = new WeakMap<RouteTable, readonly VersionToScore[]>();

/**
 * Every version that scores each row, the champion first: the served one is among them (the assigned arm's), the others
 * score beside it. So each comparison is paired, and a version that is rolled back to has been scored all along.
 * Computed once a table: tables are values and are never changed in place.
 */
export function versionsToScore(table: RouteTable): readonly VersionToScore[] {
  const known = planned.get(table);
  if (known) return known;
  const entry = (version: VersionRef, role: Role, sample: number): VersionToScore => ({
    version,
    key: versionKey(version),
    role,
    arm: role === 'warm' ? 'shadow' : role,
    sample,
  });
  const plan = [
    ...(table.champion ? [entry(table.champion, 'champion', BUCKETS)] : []),
    ...table.challengers.map((c) => entry(c.version, 'challenger', BUCKETS)),
    ...table.shadows.map((s) => entry(s.version, 'shadow', s.sample)),
    ...table.warm.map((version) => entry(version, 'warm', BUCKETS)),
  ];
  planned.set(table, plan);
  return plan;
}
