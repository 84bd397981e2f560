import { category, featureService, float64, hourOf, string, timestamp } from '@mettle/feature-language';
import { carrierDelays, destDelays, originDelays, originWeather, planeDelays, planeFacts } from './views.ts';

const ZONE = 'America/New_York';
const YEAR = 2013;

/** What the airline knows of a departure when it asks. */
const request = {
  origin: string(),
  dest: string(),
  carrier: string(),
  distance: float64({ scale: 0 }),
  scheduled: timestamp(),
};

/** Fifteen features, as known two hours before departure. */
export const flightLateness = featureService('flight_lateness', {
  owner: 'delay-analytics',
  request,
  views: { weather: originWeather, delays: originDelays, plane: planeFacts },
  features: ({ request: r, weather, delays, plane }) => ({
    carrier: category(r.carrier),
    origin: category(r.origin),
    dest: category(r.dest),
    hour: hourOf(r.scheduled, ZONE),
    distance: r.distance,
    temp: weather.temp,
    humid: weather.humid,
    wind_dir: weather.wind_dir,
    wind_speed: weather.wind_speed,
    precip: weather.precip,
    pressure: weather.pressure,
    visib: weather.visib,
    plane_age: plane.year.negate().plus(YEAR),
    seats: plane.seats,
    origin_delay_6h: delays.mean_delay_6h,
  }),
});

/** The change of the year: what the carrier, the destination and the plane itself have seen lately. */
export const flightLatenessWide = featureService('flight_lateness_wide', {
  owner: 'delay-analytics',
  request,
  views: { weather: originWeather, delays: originDelays, plane: planeFacts, carrierDelays, destDelays, planeDelays },
  features: (all) => ({
    carrier: category(all.request.carrier),
    origin: category(all.request.origin),
    dest: category(all.request.dest),
    hour: hourOf(all.request.scheduled, ZONE),
    distance: all.request.distance,
    temp: all.weather.temp,
    humid: all.weather.humid,
    wind_dir: all.weather.wind_dir,
    wind_speed: all.weather.wind_speed,
    precip: all.weather.precip,
    pressure: all.weather.pressure,
    visib: all.weather.visib,
    plane_age: all.plane.year.negate().plus(YEAR),
    seats: all.plane.seats,
    origin_delay_6h: all.delays.mean_delay_6h,
    origin_delay_2h: all.delays.mean_delay_2h,
    origin_landed_6h: all.delays.landed_6h,
    carrier_delay_6h: all.carrierDelays.mean_delay_6h,
    dest_delay_6h: all.destDelays.mean_delay_6h,
    plane_last_delay: all.planeDelays.last_delay,
  }),
});
