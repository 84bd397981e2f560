import { versionKey, type ChampionFacts, type Hash, type ModelManifest, type RouteTable, type TimeUs, type VersionRef } from '@mettle/contracts';
import type { ControlDeps } from './deps.ts';

interface Lineage {
  readonly manifest: ModelManifest;
  /** asOf of its snapshot. */
  readonly trainedThrough: TimeUs | null;
}

/** What is known of champions. A version's manifest never changes, so it is read once. */
export function championFacts({ registry }: Pick<ControlDeps, 'registry'>) {
  const known = new Map<string, Lineage>();
  const lineageOf = async (version: VersionRef): Promise<Lineage> => {
    const key = versionKey(version);
    const found = known.get(key);
    if (found !== undefined) return found;
    const { manifest } = await registry.version(version);
    const trainedThrough = manifest.snapshot === null ? null : (await registry.snapshot(manifest.snapshot).catch(() => null))?.asOf ?? null;
    const lineage = { manifest, trainedThrough };
    known.set(key, lineage);
    return lineage;
  };
  return {
    async facts(table: RouteTable, metric: string): Promise<ChampionFacts | null> {
      if (table.champion === null) return null;
      const [served, { manifest, trainedThrough }] = await Promise.all([registry.servedAt(table.endpoint, Number.MAX_SAFE_INTEGER), lineageOf(table.champion)]);
      return {
        version: table.champion,
        since: served?.because.at ?? table.effectiveFrom,
        referenceProfile: manifest.referenceProfile,
        trainedThrough,
        referenceLoss: manifest.offline[metric]?.value ?? null,
        recipe: { task: manifest.task, featureService: manifest.featureService, trainer: manifest.trainer, code: manifest.code },
      };
    },
    trainedThrough: async (version: VersionRef): Promise<TimeUs | null> => (await lineageOf(version)).trainedThrough,
    serviceOf: async (version: VersionRef): Promise<Hash | null> => (await lineageOf(version)).manifest.featureService,
  };
}
export type Champions = ReturnType<typeof championFacts>;
