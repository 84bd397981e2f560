import { DAY_US, HOUR_US, MINUTE_US, hashOf, type EventInput, type ModelManifestInput, type PolicyInput } from '@mettle/contracts';
import { category, count, entity, featureService, featureView, float64, hourOf, latest, mean, serviceDefinition, source, string, timestamp } from '@mettle/feature-language';

export const T0 = 1_700_000_000_000_000;

const weather = source('weather', { owner: 'met', clock: 'event', keys: { city: 'string' }, columns: { temp: float64({ scale: 2 }), code: string() } });
const city = entity('city', { keys: { city: 'string' } });
const cityWeather = featureView('city_weather', {
  owner: 'met', entity: city, source: weather, ttl: 6 * HOUR_US,
  features: (c) => ({ temp: latest(c.temp), mean_temp: mean(c.temp, { window: HOUR_US, hop: 15 * MINUTE_US }), reports: count({ window: HOUR_US, hop: 15 * MINUTE_US }) }),
});
/** One source, one view, one service: enough for every route. */
export const trips = featureService('trips', {
  owner: 'rides', request: { carrier: string(), leaves: timestamp() }, views: { weather: cityWeather },
  features: ({ request, weather: w }) => ({ carrier: category(request.carrier), hour: hourOf(request.leaves, 'Europe/Paris'), temp: w.temp, mean_temp: w.mean_temp, reports: w.reports, cold: w.temp.lt(0) }),
});
export const tripsDefinition = serviceDefinition(trips);

export const report = (n: number, temp: number, over: Partial<EventInput> = {}): EventInput => ({
  eventId: `w${n}`, keys: { city: 'Paris' }, values: { temp, code: 'clear' }, eventTime: T0 + n * MINUTE_US, publishedAt: T0 + n * MINUTE_US, retract: false, ...over,
});

export const policy: PolicyInput = {
  v: 1, name: 'trips', success: { metric: 'log_loss', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 0.01 }, change: { rule: 'superior' },
  segments: [{ column: 'carrier', margin: 0.02 }], slot: { width: 3 * HOUR_US, pooled: true, lag: 8 }, minSlots: 40, alpha: 0.05, tunedFor: 56, stickyKeys: ['city'],
  maturation: DAY_US, minCoverage: 0.8, maxCoverageGap: 0.02, shadow: { min: 7 * DAY_US, max: 28 * DAY_US, lookEvery: 7 * DAY_US, concurrent: 3 },
  challenge: { share: 2_000, min: 3 * DAY_US, max: 10 * DAY_US }, bake: DAY_US, approval: { by: 'person', notTheAuthor: true },
  retrain: { onIncident: true, onConfirmedDrift: true, maxAge: 7 * DAY_US, cooldown: 3 * DAY_US },
};

export const declaration = (service: string, change: Partial<PolicyInput> = {}) => ({
  endpoint: 'trips', clock: 'event' as const, cadence: DAY_US, policy: { ...policy, ...change }, monitors: [],
  model: { v: 1 as const, model: 'trips', task: 'binary' as const, service, trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, holdout: 2 * DAY_US, owner: 'rides' },
});

/** A model that nobody trained; its lineage is complete, so it may qualify. */
export const tripsManifest = (service: string, key: string): ModelManifestInput => ({
  v: 1, model: 'trips', file: hashOf(key), bytes: 1, opset: 15, task: 'binary', origin: 'trained', featureService: service, snapshot: hashOf('s'), fitted: hashOf('f'), environment: hashOf('e'), code: 'c',
  signature: { inputs: [{ name: 'temp', datatype: 'FP64', shape: [-1], missing: 'nan' }], outputs: [{ name: 'p', datatype: 'FP32', shape: [-1, 2] }] },
  trainer: { name: 'lightgbm', parameters: {}, seed: 1 }, referenceProfile: hashOf('p'), parent: null, offline: { log_loss: { value: 0.5, standardError: null, rows: 10 } }, parity: null, attested: null, createdAt: 1,
  by: { id: 'ana', kind: 'person', roles: ['scientist'] },
});
