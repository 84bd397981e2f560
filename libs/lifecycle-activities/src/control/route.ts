import type { Champions } from './champion.ts';
import type { ControlDeps } from './deps.ts';
import type { ControlHandlers } from '../handlers.ts';

type RouteActivities = Pick<ControlHandlers, 'loadPlan' | 'endpointHead' | 'routeHead' | 'commitDecision' | 'awaitServers'>;

/** The plan and the route of an endpoint. Only the endpoint's workflow calls `commitDecision`. */
export function routeActivities({ registry, plane }: ControlDeps, champions: Champions): RouteActivities {
  return {
    async loadPlan({ endpoint }) {
      const { plan, hash } = await registry.endpointPlan(endpoint);
      return { plan, hash };
    },
    async endpointHead({ endpoint }) {
      const [{ plan, hash }, table] = await Promise.all([registry.endpointPlan(endpoint), registry.route(endpoint)]);
      return { plan: hash, table, champion: await champions.facts(table, plan.policy.success.metric) };
    },
    routeHead: async ({ endpoint }) => ({ table: await registry.route(endpoint) }),
    async commitDecision({ endpoint, expectedEpoch, decision }) {
      const result = await registry.commitDecision(endpoint, expectedEpoch, decision);
      await plane.publish(result.table);
      return result;
    },
    awaitServers: async ({ endpoint, epoch }) => ({ servers: await plane.awaitEpoch(endpoint, epoch) }),
  };
}
