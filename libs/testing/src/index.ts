export { DEV_SERVER_FLAGS, openTemporal, temporalCli } from './temporal.ts';
export { workflowBundle } from './workflow-bundle.ts';
export { freshDatabase } from './fresh-database.ts';
export { freePort } from './free-port.ts';
export { startPostgres, type TestPostgres } from './postgres.ts';
export { startObjectServer, type TestObjectServer } from './object-server.ts';
export { startRedis, type TestRedis } from './redis.ts';
export { readComposeFile, type ComposeFile, type ComposedApp } from './compose-file.ts';
