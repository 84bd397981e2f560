export { startControlWorker, type ControlWorkerDeps, type RunningWorker } from './controlWorker.ts';
export { ensureSearchAttributes } from './searchAttributes.ts';
