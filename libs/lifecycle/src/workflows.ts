/** Entry of the workflow bundle: exactly the workflows, by their type names. */
export { clock } from './clock.ts';
export { endpoint } from './endpoint.ts';
export { incident } from './incident.ts';
export { modelLifecycle } from './modelLifecycle.ts';
export { runCompute } from './runCompute.ts';
export { tickClock } from './tickClock.ts';
