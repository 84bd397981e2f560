export type { AppRouter } from './routers/app.ts';
export { openPlatform, type OpenPlatform, type PlatformOptions } from './platform/openPlatform.ts';
export type { Platform } from './platform/platform.ts';
export { startGateway, type RunningGateway } from './startGateway.ts';
