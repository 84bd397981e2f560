export type { Hold } from './hold.ts';
export { openMetadataDb, sqlState, type MetadataDb, type MetadataDbOptions, type Orm } from './metadata-db.ts';
export { MIGRATIONS_FOLDER } from './migrate.ts';
export { and, asc, count, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, max, ne, or, sql } from './operators.ts';
export {
  aliases,
  batches,
  decisions,
  definitions,
  deliveries,
  endpointHeads,
  endpointPlans,
  idempotency,
  incidents,
  leases,
  lifecycles,
  logHomes,
  lostLogs,
  modelVersions,
  monitorResults,
  qualifications,
  raws,
  registeredModels,
  routes,
  segments,
  snapshots,
  watermarks,
} from './schema/index.ts';
