export { landings, planes, weather } from './sources.ts';
export { flightLateness, flightLatenessWide } from './services.ts';
export { model, trainer } from './model.ts';
export { monitors } from './monitors.ts';
export { policy } from './policy.ts';
