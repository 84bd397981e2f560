import { hours, minutes } from '@mettle/contracts';
import { category, count, entity, featureService, featureView, float64, hourOf, int64, latest, mean, serviceDefinition, source, string, sum, timestamp } from '@mettle/feature-language';

/** A small project in the shape of the flights example. */
export const weather = source('weather', { owner: 'met', clock: 'event', keys: { origin: 'string' }, columns: { temp: float64({ scale: 2 }), sky: string(), gust: float64() } });
export const landings = source('landings', { owner: 'ops', clock: 'event', keys: { origin: 'string', plane: 'int64' }, columns: { arr_delay: float64({ scale: 1 }), seats: int64() } });
const origin = entity('origin', { keys: { origin: 'string' } });
const plane = entity('plane', { keys: { plane: 'int64' } });
const route = entity('route', { keys: { origin: 'string', plane: 'int64' } });

const originWeather = featureView('origin_weather', { owner: 'met', entity: origin, source: weather, ttl: hours(6), features: (c) => ({ temp: latest(c.temp), sky: latest(c.sky), gust: latest(c.gust) }) });
const originDelays = featureView('origin_delays', {
  owner: 'ops', entity: origin, source: landings, ttl: null,
  features: (c) => ({ mean_6h: mean(c.arr_delay, { window: hours(6), hop: minutes(15) }), sum_1h: sum(c.arr_delay, { window: hours(1), hop: minutes(5) }), landed_6h: count({ window: hours(6), hop: minutes(15) }) }),
});
const planeState = featureView('plane_state', {
  owner: 'ops', entity: plane, source: landings, ttl: null,
  features: (c) => ({ last_delay: latest(c.arr_delay), seats: latest(c.seats), flown_1d: count({ window: hours(24) }), seat_sum: sum(c.seats, { window: hours(24) }) }),
});
const routeDelays = featureView('route_delays', { owner: 'ops', entity: route, source: landings, ttl: null, features: (c) => ({ mean_12h: mean(c.arr_delay, { window: hours(12) }) }) });

const request = { carrier: string(), sched_dep: timestamp(), distance: float64({ scale: 0 }), year: int64() };

export const lateness = serviceDefinition(featureService('lateness', {
  owner: 'ml', request, views: { weather: originWeather, delays: originDelays, plane: planeState },
  features: ({ request: r, weather: w, delays, plane: p }) => ({
    carrier: category(r.carrier), sky: category(w.sky), hour: hourOf(r.sched_dep, 'America/New_York'), distance: r.distance, age: r.year.negate().plus(2013),
    temp: w.temp, gust: w.gust, cold: w.temp.lt(0), mean_6h: delays.mean_6h, sum_1h: delays.sum_1h, landed_6h: delays.landed_6h,
    worse: p.last_delay.minus(delays.mean_6h), per_seat: p.seat_sum.dividedBy(p.flown_1d), seats: p.seats,
  }),
}));

const originDay = featureView('origin_day', { owner: 'ops', entity: origin, source: landings, ttl: null, features: (c) => ({ seats_1d: sum(c.seats, { window: hours(24) }) }) });

/** The same and one view more. */
export const wider = serviceDefinition(featureService('wider', {
  owner: 'ml', request, views: { weather: originWeather, delays: originDelays, plane: planeState, route: routeDelays },
  features: ({ weather: w, delays, plane: p, route: r }) => ({ temp: w.temp, mean_6h: delays.mean_6h, seats: p.seats, route_mean: r.mean_12h }),
}));

/** And two more, one of which `wider` has. */
export const widest = serviceDefinition(featureService('widest', {
  owner: 'ml', request, views: { route: routeDelays, day: originDay }, features: ({ route: r, day }) => ({ route_mean: r.mean_12h, seats: day.seats_1d }),
}));
