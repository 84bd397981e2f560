export { activityInterceptor } from './interceptor.ts';
export { createLifecycleClient, type LifecycleClient } from './client.ts';
export { DEAD_AFTER_MS, createRouteHub, type RouteHub, type RouteHubDeps } from './routeHub.ts';
export { answerControlPlane, createControlPlane, remoteControlPlane, type ControlPlane, type SealableLog } from './controlPlane.ts';
export { createControlActivities } from './control/createControlActivities.ts';
export type { ControlDeps } from './control/deps.ts';
export { loadChannels } from './channels.ts';
export { persistently } from './persistently.ts';
export { dropSchedule, ensureSchedule, type Cadence } from './schedule.ts';
