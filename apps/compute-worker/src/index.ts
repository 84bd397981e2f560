export { startComputeWorker, type ComputeWorkerDeps, type RunningComputeWorker } from './computeWorker.ts';
