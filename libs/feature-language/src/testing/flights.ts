import { hours, minutes } from '@mettle/contracts';
import { category, count, entity, featureService, featureView, float64, hourOf, int64, latest, mean, serviceDefinition, source, string, sum, timestamp, weekdayOf } from '../index.ts';

/** A small project in the shape of the flights example, for tests. */
export const weather = source('weather', {
  owner: 'met', clock: 'event', keys: { origin: 'string' },
  columns: { temp: float64({ scale: 2 }), sky: string(), gust: float64() },
});
export const landings = source('landings', {
  owner: 'ops', clock: 'event', keys: { origin: 'string', plane: 'string' },
  columns: { arr_delay: float64({ scale: 1 }), seats: int64() },
});
export const origin = entity('origin', { keys: { origin: 'string' } });
export const plane = entity('plane', { keys: { plane: 'string' } });

export const originWeather = featureView('origin_weather', {
  owner: 'met', entity: origin, source: weather, ttl: hours(6),
  features: (c) => ({ temp: latest(c.temp), sky: latest(c.sky), gust: latest(c.gust) }),
});
export const originDelays = featureView('origin_delays', {
  owner: 'ops', entity: origin, source: landings, ttl: null,
  features: (c) => ({
    mean_6h: mean(c.arr_delay, { window: hours(6), hop: minutes(15) }),
    sum_1h: sum(c.arr_delay, { window: hours(1), hop: minutes(5) }),
    landed_6h: count({ window: hours(6), hop: minutes(15) }),
  }),
});
export const planeState = featureView('plane_state', {
  owner: 'ops', entity: plane, source: landings, ttl: null,
  features: (c) => ({ last_delay: latest(c.arr_delay), seats: latest(c.seats), flown_1d: count({ window: hours(24) }), seat_sum: sum(c.seats, { window: hours(24) }) }),
});

export const lateness = featureService('lateness', {
  owner: 'ml',
  request: { carrier: string(), sched_dep: timestamp(), distance: float64({ scale: 0 }), year: int64() },
  views: { weather: originWeather, delays: originDelays, plane: planeState },
  features: ({ request, weather: w, delays, plane: p }) => ({
    carrier: category(request.carrier),
    sky: category(w.sky),
    hour: hourOf(request.sched_dep, 'America/New_York'),
    weekday: weekdayOf(request.sched_dep, 'America/New_York'),
    distance: request.distance,
    temp: w.temp,
    gust: w.gust,
    cold: w.temp.lt(0),
    mean_6h: delays.mean_6h,
    sum_1h: delays.sum_1h,
    landed_6h: delays.landed_6h,
    worse: p.last_delay.minus(delays.mean_6h),
    per_seat: p.seat_sum.dividedBy(p.flown_1d),
    seats: p.seats.orElse(0),
  }),
});
export const latenessDefinition = serviceDefinition(lateness);
