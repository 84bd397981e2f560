export { startControlWorker, type ControlWorkerDeps, type RunningWorker } from './controlWorker.ts';
