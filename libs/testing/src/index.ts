export { DEV_SERVER_FLAGS, openTemporal, temporalCli } from './temporal.ts';
export { workflowBundle } from './workflow-bundle.ts';
