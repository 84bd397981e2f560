import { DecisionInput, MettleError, versionKey, type CommitResult, type Decision, type RouteTable, type VersionRef } from '@mettle/contracts';
import { and, asc, decisions, definitions, endpointHeads, eq, gt, gte, lte, routes, type Orm } from '@mettle/metadata-db';
import { roleOf, transition, withPlan, type RouteFiles, type Transition } from '@mettle/routing';
import { checkApproval } from './approval.ts';
import { decisionHash } from './chain.ts';
import type { RegistryDeps } from './deps.ts';
import { parse } from './parse.ts';
import { latestPlan, unknownEndpoint, type DeclaredPlan } from './plans.ts';
import { projectAlias, projectStages } from './projection.ts';
import { tableBeforeFirst } from './routes.ts';
import { versionRow, type VersionRow } from './versions.ts';

/** Actions that put a version where it scores or serves: only a qualified one. */
const NEEDS_QUALIFIED: readonly DecisionInput['action'][] = ['deploy', 'startShadow', 'startChallenge', 'approve', 'promote'];

export function decisionLog({ db, now }: RegistryDeps) {
  return {
    /**
     * The one way in which a route changes: a transaction that appends a link to the endpoint's chain and writes what
     * follows from it (route table, stages, the alias `champion`).
     * @param expectedEpoch the epoch that the caller decided on
     * @param input its `key` makes the call idempotent: a second call returns the first result, whatever came since
     * @throws MettleError UNKNOWN_ENDPOINT | STALE_EPOCH | NOT_QUALIFIED | UNKNOWN_VERSION | FORBIDDEN | INVALID_INPUT, and what a transition throws
     */
    async commitDecision(endpoint: string, expectedEpoch: number, input: DecisionInput): Promise<CommitResult> {
      const { key, share, ...facts } = parse(DecisionInput, input, 'decision');
      if (facts.endpoint !== endpoint) throw new MettleError('INVALID_INPUT', `the decision is about '${facts.endpoint}'`, { endpoint, given: facts.endpoint });
      return db.transaction(async (tx) => {
        // The lock makes rivals wait; each then reads the epoch that the one before left.
        const [head] = await tx.select().from(endpointHeads).where(eq(endpointHeads.endpoint, endpoint)).for('update');
        if (!head) throw unknownEndpoint(endpoint);
        const done = await decided(tx, endpoint, key);
        const declared = await latestPlan(tx, endpoint);
        if (done) return { decision: done, table: await tableAt(tx, endpoint, done.epochAfter ?? done.epochBefore, declared) };
        if (head.epoch !== expectedEpoch) {
          throw new MettleError('STALE_EPOCH', `'${endpoint}' is at epoch ${head.epoch}, not ${expectedEpoch}`, { endpoint, epoch: head.epoch, expected: expectedEpoch });
        }
        const version = await versionRow(tx, facts.version);
        if (NEEDS_QUALIFIED.includes(facts.action) && version.qualified !== 'pass') {
          throw new MettleError('NOT_QUALIFIED', `${versionKey(facts.version)} has not qualified`, { version: versionKey(facts.version), qualified: version.qualified, stage: version.stage });
        }
        const before = await tableAt(tx, endpoint, head.epoch, declared);
        await checkApproval(tx, declared.plan, { ...facts, key, share }, version, before);
        const moved = step(before, declared, { ...facts, key, share }, await filesOf(tx, version));
        const link = {
          v: 1 as const,
          ...facts,
          sequence: head.sequence + 1,
          previous: head.hash,
          recordedAt: now(),
          replaced: moved.replaced,
          epochBefore: head.epoch,
          epochAfter: moved.changed ? moved.table.epoch : null,
        };
        const decision: Decision = { ...link, hash: decisionHash(link) };
        await append(tx, decision, key, moved);
        await project(tx, decision, before, moved);
        return { decision, table: moved.table };
      });
    },

    /** An endpoint's chain, oldest first; `after` a sequence, `from` and `until` times of the watermark (inclusive). */
    async decisions(endpoint: string, options: { after?: number; from?: number; until?: number } = {}): Promise<Decision[]> {
      const rows = await db.orm
        .select({ record: decisions.record })
        .from(decisions)
        .where(and(eq(decisions.endpoint, endpoint), gt(decisions.sequence, options.after ?? 0), gte(decisions.at, options.from ?? Number.MIN_SAFE_INTEGER), lte(decisions.at, options.until ?? Number.MAX_SAFE_INTEGER)))
        .orderBy(asc(decisions.sequence));
      return rows.map((row) => row.record);
    },
  };
}

async function decided(tx: Orm, endpoint: string, key: string): Promise<Decision | null> {
  const [row] = await tx.select({ record: decisions.record }).from(decisions).where(and(eq(decisions.endpoint, endpoint), eq(decisions.key, key)));
  return row?.record ?? null;
}

/** The table at an epoch. */
async function tableAt(tx: Orm, endpoint: string, epoch: number, { plan }: DeclaredPlan): Promise<RouteTable> {
  if (epoch === 0) return tableBeforeFirst(plan);
  const [row] = await tx.select({ table: routes.table }).from(routes).where(and(eq(routes.endpoint, endpoint), eq(routes.epoch, epoch)));
  if (!row) throw new MettleError('INTERNAL', `epoch ${epoch} of '${endpoint}' has no route`, { endpoint, epoch });
  return row.table;
}

/** What a server needs to load the version; the definition of its feature service as far as it is stored here. */
async function filesOf(tx: Orm, { manifest, manifestHash }: VersionRow): Promise<RouteFiles> {
  const { file, fitted, featureService: service } = manifest;
  const [stored] = service === null ? [] : await tx.select({ blob: definitions.blob }).from(definitions).where(eq(definitions.hash, service));
  return { [versionKey(manifest)]: { file, fitted, service, definition: stored?.blob ?? null, manifest: manifestHash } };
}

/** The pure transition, from the table as the current plan wants it. */
function step(before: RouteTable, { plan }: DeclaredPlan, input: DecisionInput, files: RouteFiles): Transition {
  const moved = transition(withPlan(before, plan), input, files);
  return moved.changed ? moved : { ...moved, table: before };
}

async function append(tx: Orm, decision: Decision, key: string, moved: Transition): Promise<void> {
  const { endpoint, sequence, hash, previous, action, at, epochBefore, epochAfter } = decision;
  await tx.insert(decisions).values({ endpoint, sequence, key, hash, previous, action, version: versionKey(decision.version), at, epochBefore, epochAfter, record: decision });
  const champion = moved.table.champion && versionKey(moved.table.champion);
  await tx.update(endpointHeads).set({ sequence, hash, epoch: moved.table.epoch, champion }).where(eq(endpointHeads.endpoint, endpoint));
}

async function project(tx: Orm, decision: Decision, before: RouteTable, { table, changed }: Transition): Promise<void> {
  const champions = [before.champion, table.champion].map((ref) => ref && versionKey(ref));
  const crowned = champions[0] !== champions[1];
  if (changed) {
    const [last] = crowned ? [] : await tx.select({ championBy: routes.championBy }).from(routes).where(and(eq(routes.endpoint, table.endpoint), eq(routes.epoch, before.epoch)));
    const championBy = crowned ? decision.sequence : (last?.championBy ?? null);
    await tx.insert(routes).values({ endpoint: table.endpoint, epoch: table.epoch, hash: table.hash, effectiveFrom: table.effectiveFrom, champion: champions[1] ?? null, championBy, table });
  }
  const touched: VersionRef[] = [decision.version, ...(decision.replaced ? [decision.replaced] : [])];
  const playsPart = roleOf(table, decision.version) !== null;
  await projectStages(tx, touched, decision.action === 'reject' ? decision.version : null, playsPart ? decision.version : null);
  if (crowned) await projectAlias(tx, table);
}
