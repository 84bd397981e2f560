import { MettleError, hashOf, sameVersion, versionKey, type DecisionInput, type RouteTable, type VersionRef } from '@mettle/contracts';
import { BUCKETS } from './bucket.ts';
import { KEEP_WARM, roleOf, tableHash, versionsInTable, type Role, type RouteFiles } from './table.ts';

/** What a decision does to a table. */
export interface Transition {
  /** The same object when the route does not change. */
  readonly table: RouteTable;
  readonly changed: boolean;
  /** The other champion of the change: the one before a promote, the one that a rollback returns to; else null. */
  readonly replaced: VersionRef | null;
}

export type Proposal = Pick<DecisionInput, 'action' | 'version' | 'share' | 'at'>;

type Change = Partial<Pick<RouteTable, 'champion' | 'warm' | 'challengers' | 'shadows' | 'paused' | 'salt'>>;
interface Effect {
  readonly change: Change | null;
  readonly replaced?: VersionRef;
}
interface Situation {
  readonly table: RouteTable;
  readonly proposal: Proposal;
  readonly role: Role | null;
}

/**
 * The next table for a decision. `version` is whom the decision is about; for `rollBack` the champion that is withdrawn,
 * so that the same order given twice cannot undo itself. The epoch grows by one exactly when the route changes;
 * `effectiveFrom` never goes back.
 *
 * | action | needs | does |
 * | --- | --- | --- |
 * | deploy | no champion | the first champion |
 * | startShadow | a champion; a version that plays no part | joins the shadows; `share` is its sample (null: every row) |
 * | startChallenge | a shadow; no challenger; `share` 1..10,000 | becomes the challenger in buckets [0, share) of a new salt |
 * | approve | a challenger, shadow or warm version | nothing: a fact in the chain |
 * | promote | the challenger or a warm version | champion; the former champion is kept warm |
 * | reject | any version but the champion | leaves the table, or stays out of it |
 * | rollBack | the champion, with a warm version | the warm version is champion again; the withdrawn one is warm and may be promoted again |
 * | pause | the champion; `share` 0 or null, or 10,000 | stops serving, or (10,000) resumes |
 *
 * @param files of at least the decision's version, unless the table holds them
 * @throws MettleError INVALID_TRANSITION | CHALLENGE_TAKEN | NO_CHAMPION | INVALID_INPUT
 */
export function transition(table: RouteTable, proposal: Proposal, files: RouteFiles = {}): Transition {
  const effect = EFFECTS[proposal.action]({ table, proposal, role: roleOf(table, proposal.version) });
  if (effect.change === null) return { table, changed: false, replaced: null };
  const moved: RouteTable = {
    ...table,
    ...effect.change,
    epoch: table.epoch + 1,
    effectiveFrom: Math.max(table.effectiveFrom, proposal.at),
    sealThrough: null,
  };
  const next = { ...moved, files: filesFor(moved, files) };
  return { table: { ...next, hash: tableHash(next) }, changed: true, replaced: effect.replaced ?? null };
}

/** The table after a decision: {@link transition} without the particulars. */
export const nextTable = (table: RouteTable, proposal: Proposal, files: RouteFiles = {}): RouteTable => transition(table, proposal, files).table;

const EFFECTS: Record<Proposal['action'], (s: Situation) => Effect> = {
  deploy: (s) => {
    if (s.table.champion !== null) throw refused(s, 'an endpoint with a champion changes it by promote');
    return { change: { champion: s.proposal.version } };
  },
  startShadow: (s) => {
    needChampion(s);
    if (s.role !== null) throw refused(s, `the version is ${s.role} already`);
    const sample = s.proposal.share ?? BUCKETS;
    if (sample < 1) throw outOfRange(s, 'a shadow scores at least one basis point of the rows');
    return { change: { shadows: [...s.table.shadows, { version: s.proposal.version, sample }] } };
  },
  startChallenge: (s) => {
    needChampion(s);
    const holder = s.table.challengers[0]?.version;
    if (holder && s.role !== 'challenger') {
      throw new MettleError('CHALLENGE_TAKEN', `${versionKey(holder)} is challenging '${s.table.endpoint}'`, { endpoint: s.table.endpoint, holder: versionKey(holder) });
    }
    if (s.role !== 'shadow') throw refused(s, 'only a shadow may challenge');
    const share = s.proposal.share;
    if (share === null || share < 1) throw outOfRange(s, 'a challenge needs a share of 1 to 10,000 basis points');
    const salt = hashOf([s.table.endpoint, s.table.epoch + 1, versionKey(s.proposal.version)]).slice(0, 16);
    return { change: { shadows: without(s.table.shadows, s), challengers: [{ version: s.proposal.version, share }], salt } };
  },
  approve: (s) => {
    needChampion(s);
    if (s.role === null || s.role === 'champion') throw refused(s, 'only a candidate may be approved');
    return { change: null };
  },
  promote: (s) => {
    const champion = needChampion(s);
    if (s.role !== 'challenger' && s.role !== 'warm') throw refused(s, 'only the challenger or a warm version may be promoted');
    const warm = [champion, ...s.table.warm.filter((w) => !sameVersion(w, s.proposal.version))].slice(0, KEEP_WARM);
    return { change: { champion: s.proposal.version, challengers: without(s.table.challengers, s), warm }, replaced: champion };
  },
  reject: (s) => {
    if (s.role === 'champion') throw refused(s, 'a champion is rolled back or replaced, not rejected');
    if (s.role === null) return { change: null };
    const warm = s.table.warm.filter((w) => !sameVersion(w, s.proposal.version));
    return { change: { challengers: without(s.table.challengers, s), shadows: without(s.table.shadows, s), warm } };
  },
  rollBack: (s) => {
    const champion = needChampion(s);
    if (s.role !== 'champion') throw refused(s, `only the champion is rolled back, and that is ${versionKey(champion)}`);
    const [restored, ...others] = s.table.warm;
    if (!restored) throw refused(s, 'no previous champion is kept warm');
    return { change: { champion: restored, warm: [champion, ...others].slice(0, KEEP_WARM) }, replaced: restored };
  },
  pause: (s) => {
    needChampion(s);
    if (s.role !== 'champion') throw refused(s, 'a pause names the champion');
    const share = s.proposal.share ?? 0;
    if (share !== 0 && share !== BUCKETS) throw outOfRange(s, 'a pause stops all (share 0) or resumes all (share 10,000)');
    const paused = share === 0;
    if (s.table.paused === paused) throw refused(s, paused ? 'the endpoint is paused already' : 'the endpoint is not paused');
    return { change: { paused } };
  },
};

const without = <T extends { version: VersionRef }>(entries: readonly T[], s: Situation): T[] => entries.filter((e) => !sameVersion(e.version, s.proposal.version));

function needChampion(s: Situation): VersionRef {
  if (s.table.champion === null) throw new MettleError('NO_CHAMPION', `endpoint '${s.table.endpoint}' has no champion`, { endpoint: s.table.endpoint });
  return s.table.champion;
}

function filesFor(table: RouteTable, files: RouteFiles): RouteFiles {
  const kept: RouteFiles = {};
  for (const key of versionsInTable(table)) {
    const file = files[key] ?? table.files[key];
    if (!file) throw new MettleError('INVALID_INPUT', `no files are given for ${key}`, { version: key });
    kept[key] = file;
  }
  return kept;
}

const about = (s: Situation) => ({ endpoint: s.table.endpoint, action: s.proposal.action, version: versionKey(s.proposal.version), role: s.role, epoch: s.table.epoch });
const refused = (s: Situation, why: string): MettleError => new MettleError('INVALID_TRANSITION', `cannot ${s.proposal.action} ${versionKey(s.proposal.version)}: ${why}`, about(s));
const outOfRange = (s: Situation, why: string): MettleError => new MettleError('INVALID_INPUT', why, { ...about(s), share: s.proposal.share });
