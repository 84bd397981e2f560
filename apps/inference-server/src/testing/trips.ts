import { readFileSync } from 'node:fs';
import { hours, minutes } from '@mettle/contracts';
import { category, entity, featureService, featureView, float64, hourOf, latest, mean, serviceDefinition, source, string, timestamp } from '@mettle/feature-language';

/** Services with the columns of the models in libs/inference/fixtures. */
const weather = source('weather', { owner: 'met', clock: 'event', keys: { origin: 'string' }, columns: { temp: float64({ scale: 2 }) } });
const landings = source('landings', { owner: 'ops', clock: 'event', keys: { origin: 'string', plane: 'string' }, columns: { delay: float64({ scale: 1 }) } });
const origin = entity('origin', { keys: { origin: 'string' } });
const plane = entity('plane', { keys: { plane: 'string' } });
const originWeather = featureView('origin_weather', { owner: 'met', entity: origin, source: weather, ttl: hours(6), features: (c) => ({ temp: latest(c.temp) }) });
const originDelays = featureView('origin_delays', { owner: 'ops', entity: origin, source: landings, ttl: null, features: (c) => ({ mean_2h: mean(c.delay, { window: hours(2), hop: minutes(15) }) }) });
const planeState = featureView('plane_state', { owner: 'ops', entity: plane, source: landings, ttl: null, features: (c) => ({ last: latest(c.delay) }) });

const request = { carrier: string(), departs: timestamp(), distance: float64({ scale: 0 }) };

export const tripsDefinition = serviceDefinition(
  featureService('trips', {
    owner: 'ml', request, views: { weather: originWeather, delays: originDelays },
    features: ({ request: r, weather: w, delays }) => ({
      carrier: category(r.carrier), hour: hourOf(r.departs, 'America/New_York'), distance: r.distance, temp: w.temp, delay: delays.mean_2h, cold: w.temp.lt(32),
    }),
  }),
);
/** One feature more, by one entity more. */
export const wideDefinition = serviceDefinition(
  featureService('trips_wide', {
    owner: 'ml', request, views: { weather: originWeather, delays: originDelays, plane: planeState },
    features: ({ request: r, weather: w, delays, plane: p }) => ({
      carrier: category(r.carrier), hour: hourOf(r.departs, 'America/New_York'), distance: r.distance, temp: w.temp, delay: delays.mean_2h, cold: w.temp.lt(32), last: p.last,
    }),
  }),
);
export const fitted = { v: 1 as const, vocabularies: { carrier: ['AA', 'B6', 'DL', 'UA'] } };

/** Bytes of a model of libs/inference. */
export const fixture = (name: string): Buffer => readFileSync(new URL(`../../../../libs/inference/fixtures/${name}`, import.meta.url));
