import { sameVersion, versionKey, type RouteTable, type Stage, type VersionRef } from '@mettle/contracts';
import { aliases, and, count, eq, endpointHeads, modelVersions, type Orm } from '@mettle/metadata-db';
import { isVersion } from './versions.ts';

/** The alias of an endpoint's champion on the model that is named like the endpoint; only a decision moves it. */
export const CHAMPION_ALIAS = 'champion';

/**
 * Computes the stage of each version again: production while it is the champion of an endpoint, else archived when this
 * change rejects it (or it was archived and nothing serves it), else staging when qualified, else development.
 * Rows are locked in one order, so that commits of two endpoints neither deadlock nor miss each other's champion.
 * @returns the stages, in the order of `refs`
 */
export async function projectStages(tx: Orm, refs: readonly VersionRef[], rejected: VersionRef | null = null, revived: VersionRef | null = null): Promise<Stage[]> {
  const stages = new Map<string, Stage>();
  for (const ref of [...refs].sort((a, b) => (versionKey(a) < versionKey(b) ? -1 : 1))) {
    const key = versionKey(ref);
    if (stages.has(key)) continue;
    const [row] = await tx.select({ stage: modelVersions.stage, qualified: modelVersions.qualified }).from(modelVersions).where(isVersion(ref)).for('update');
    if (!row) continue;
    const [heads] = await tx.select({ champions: count() }).from(endpointHeads).where(eq(endpointHeads.champion, key));
    const stage = stageOf({
      champion: (heads?.champions ?? 0) > 0,
      archived: sameVersion(ref, rejected) || (row.stage === 'archived' && !sameVersion(ref, revived)),
      qualified: row.qualified === 'pass',
    });
    if (stage !== row.stage) await tx.update(modelVersions).set({ stage }).where(isVersion(ref));
    stages.set(key, stage);
  }
  return refs.flatMap((ref) => stages.get(versionKey(ref)) ?? []);
}

function stageOf(facts: { champion: boolean; archived: boolean; qualified: boolean }): Stage {
  if (facts.champion) return 'production';
  if (facts.archived) return 'archived';
  return facts.qualified ? 'staging' : 'development';
}

/** Moves the alias `champion` of the model that is named like the endpoint. */
export async function projectAlias(tx: Orm, table: RouteTable): Promise<void> {
  if (table.champion?.model !== table.endpoint) {
    await tx.delete(aliases).where(and(eq(aliases.model, table.endpoint), eq(aliases.alias, CHAMPION_ALIAS)));
    return;
  }
  await tx
    .insert(aliases)
    .values({ ...table.champion, alias: CHAMPION_ALIAS })
    .onConflictDoUpdate({ target: [aliases.model, aliases.alias], set: { version: table.champion.version } });
}
