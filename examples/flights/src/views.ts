import { hours, minutes } from '@mettle/contracts';
import { count, featureView, latest, mean } from '@mettle/feature-language';
import { carrier, dest, origin, plane } from './entities.ts';
import { landings, planes, weather } from './sources.ts';

/** The last observation at the origin, if it is not older than six hours. */
export const originWeather = featureView('origin_weather', {
  owner: 'met-desk',
  entity: origin,
  source: weather,
  ttl: hours(6),
  features: (c) => ({
    temp: latest(c.temp),
    humid: latest(c.humid),
    wind_dir: latest(c.wind_dir),
    wind_speed: latest(c.wind_speed),
    precip: latest(c.precip),
    pressure: latest(c.pressure),
    visib: latest(c.visib),
  }),
});

/** How late the origin's flights were that landed in the last six hours. */
export const originDelays = featureView('origin_delays', {
  owner: 'delay-analytics',
  entity: origin,
  source: landings,
  ttl: null,
  features: (c) => ({
    mean_delay_6h: mean(c.arr_delay, { window: hours(6), hop: minutes(15) }),
    landed_6h: count({ window: hours(6), hop: minutes(15) }),
    mean_delay_2h: mean(c.arr_delay, { window: hours(2), hop: minutes(15) }),
  }),
});

export const carrierDelays = featureView('carrier_delays', {
  owner: 'delay-analytics',
  entity: carrier,
  source: landings,
  ttl: null,
  features: (c) => ({ mean_delay_6h: mean(c.arr_delay, { window: hours(6), hop: minutes(15) }) }),
});

export const destDelays = featureView('dest_delays', {
  owner: 'delay-analytics',
  entity: dest,
  source: landings,
  ttl: null,
  features: (c) => ({ mean_delay_6h: mean(c.arr_delay, { window: hours(6), hop: minutes(15) }) }),
});

/** Where the plane comes from: its last landing after a departure from New York. */
export const planeDelays = featureView('plane_delays', {
  owner: 'delay-analytics',
  entity: plane,
  source: landings,
  ttl: hours(24),
  features: (c) => ({ last_delay: latest(c.arr_delay) }),
});

export const planeFacts = featureView('plane_facts', {
  owner: 'fleet-records',
  entity: plane,
  source: planes,
  ttl: null,
  features: (c) => ({ year: latest(c.year), seats: latest(c.seats) }),
});
