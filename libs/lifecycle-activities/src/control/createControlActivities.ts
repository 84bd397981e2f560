import { controlActivities, type ControlActivities } from '@mettle/contracts';
import { championFacts } from './champion.ts';
import { comparisonActivities } from './comparisons.ts';
import { dataActivities } from './data.ts';
import type { ControlDeps } from './deps.ts';
import { incidentActivities } from './incidents.ts';
import { lifecycleActivities } from './lifecycles.ts';
import { routeActivities } from './route.ts';
import { guarded, type ControlHandlers } from '../handlers.ts';

/** The activities of the control queue: the database, the logs, the routes, the other workflows. */
export function createControlActivities(deps: ControlDeps): ControlActivities {
  const champions = championFacts(deps);
  const handlers: ControlHandlers = {
    ...dataActivities(deps),
    ...routeActivities(deps, champions),
    ...lifecycleActivities(deps),
    ...comparisonActivities(deps, champions),
    ...incidentActivities(deps, champions),
  };
  return guarded(controlActivities, handlers) as unknown as ControlActivities;
}
