export { aliases, modelVersions, qualifications, registeredModels } from './models.ts';
export { decisions, endpointHeads, endpointPlans, leases, lostLogs, routes, watermarks } from './endpoints.ts';
export { batches, definitions, logHomes, raws, segments, snapshots } from './data.ts';
export { deliveries, idempotency, incidents, lifecycles, monitorResults } from './watch.ts';
