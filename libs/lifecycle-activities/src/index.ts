export { activityInterceptor } from './interceptor.ts';
export { createLifecycleClient, type LifecycleClient } from './client.ts';
export { createRouteHub, type RouteHub, type RouteHubDeps } from './routeHub.ts';
export { answerControlPlane, createControlPlane, remoteControlPlane, type ControlPlane } from './controlPlane.ts';
