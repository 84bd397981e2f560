export { activityInterceptor } from './interceptor.ts';
export { createLifecycleClient, type LifecycleClient } from './client.ts';
