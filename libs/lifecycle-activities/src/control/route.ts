import { versionKey, type ChampionFacts, type ControlActivities, type RouteTable, type VersionRef } from '@mettle/contracts';
import type { ControlDeps } from './deps.ts';

type RouteActivities = Pick<ControlActivities, 'loadPlan' | 'endpointHead' | 'routeHead' | 'commitDecision' | 'awaitServers'>;

/** The plan and the route of an endpoint. Only the endpoint's workflow calls `commitDecision`. */
export function routeActivities({ registry, plane }: ControlDeps): RouteActivities {
  /** What never changes of a version. */
  const lineage = new Map<string, Pick<ChampionFacts, 'referenceProfile' | 'trainedThrough'> & { offline: Record<string, { value: number }> }>();
  const lineageOf = async (version: VersionRef) => {
    const key = versionKey(version);
    const known = lineage.get(key);
    if (known !== undefined) return known;
    const { manifest } = await registry.version(version);
    const trainedThrough = manifest.snapshot === null ? null : (await registry.snapshot(manifest.snapshot).catch(() => null))?.asOf ?? null;
    const facts = { referenceProfile: manifest.referenceProfile, trainedThrough, offline: manifest.offline };
    lineage.set(key, facts);
    return facts;
  };
  const facts = async (endpoint: string, table: RouteTable, metric: string): Promise<ChampionFacts | null> => {
    if (table.champion === null) return null;
    const [served, { referenceProfile, trainedThrough, offline }] = await Promise.all([registry.servedAt(endpoint, Number.MAX_SAFE_INTEGER), lineageOf(table.champion)]);
    return { version: table.champion, since: served?.because.at ?? table.effectiveFrom, referenceProfile, trainedThrough, referenceLoss: offline[metric]?.value ?? null };
  };

  return {
    async loadPlan({ endpoint }) {
      const { plan, hash } = await registry.endpointPlan(endpoint);
      return { plan, hash };
    },
    async endpointHead({ endpoint }) {
      const [{ plan, hash }, table] = await Promise.all([registry.endpointPlan(endpoint), registry.route(endpoint)]);
      return { plan: hash, table, champion: await facts(endpoint, table, plan.policy.success.metric) };
    },
    routeHead: async ({ endpoint }) => ({ table: await registry.route(endpoint) }),
    async commitDecision({ endpoint, expectedEpoch, decision }) {
      const result = await registry.commitDecision(endpoint, expectedEpoch, { share: null, ...decision });
      await plane.publish(result.table);
      return result;
    },
    awaitServers: async ({ endpoint, epoch }) => ({ servers: await plane.awaitEpoch(endpoint, epoch) }),
  };
}
