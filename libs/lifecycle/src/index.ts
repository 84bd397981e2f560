export {
  acknowledge, advanceWatermark, approve, clockStatus, close, decide, incidentClosed, incidentStatus, launch, reject, route, status, tick,
  type ClockStatus, type IncidentStatus, type Word,
} from './messages.ts';
export { clock } from './clock.ts';
export { endpoint } from './endpoint.ts';
export { incident } from './incident.ts';
export { modelLifecycle } from './modelLifecycle.ts';
export { lastStep, tickClock, type TickClockStart } from './tickClock.ts';
export { candidateByPolicy, type RetrainingSituation } from './retraining.ts';
export { looksAt, matureCohort, nextLook, type Looks } from './cohort.ts';
export { findings } from './qualification.ts';
export { codeOf, failureOf, mettleErrorOf, FINAL_CODES } from './failures.ts';
export { attributes, searchAttributeKeys } from './visibility.ts';
export { WORKFLOW_TASK_TIMEOUT } from './entity.ts';
export { runCompute, RunnableCompute, type ComputeRun } from './runCompute.ts';
