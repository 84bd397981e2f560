import { float64, int64, source } from '@mettle/feature-language';

/** Hourly observations at the three airports; published ten minutes after the hour. */
export const weather = source('weather', {
  owner: 'met-desk',
  clock: 'event',
  keys: { origin: 'string' },
  columns: {
    temp: float64({ scale: 2 }),
    humid: float64({ scale: 2 }),
    wind_dir: float64({ scale: 0 }),
    wind_speed: float64({ scale: 3 }),
    precip: float64({ scale: 2 }),
    pressure: float64({ scale: 1 }),
    visib: float64({ scale: 2 }),
  },
});

/** A departure of ours that has landed, and how late (minutes, negative when early). Known when it lands. */
export const landings = source('landings', {
  owner: 'flight-operations',
  clock: 'event',
  keys: { origin: 'string', dest: 'string', carrier: 'string', plane: 'string' },
  columns: { arr_delay: float64({ scale: 0 }) },
});

/** The fleet register. */
export const planes = source('planes', {
  owner: 'fleet-records',
  clock: 'event',
  keys: { plane: 'string' },
  columns: { year: int64(), seats: int64() },
});
