import { describe, expect, it } from 'vitest';
import { entity, featureService, featureView, float64, latest, serviceDefinition, source, string } from '@mettle/feature-language';
import { originOf } from './lineage.ts';

const weather = source('weather', { owner: 'met-team', keys: { origin: 'string' }, columns: { wind: float64({ scale: 2 }) } });
const origin = entity('origin', { owner: 'ops', keys: { origin: 'string' } });
const originWeather = featureView('origin_weather', { owner: 'features', entity: origin, source: weather, ttl: null, features: (c) => ({ wind: latest(c.wind) }) });
const service = featureService('lateness', { owner: 'ml', request: { carrier: string(), miles: float64({ scale: 0 }) }, views: { weather: originWeather }, features: ({ request, weather: w }) => ({ miles: request.miles, wind: w.wind }) });

describe('originOf', () => {
  it('names the source and its owner, or the service for what comes with the request', () => {
    const definition = serviceDefinition(service);
    expect(originOf(definition, 'wind')).toEqual({ kind: 'source', name: 'weather', owner: 'met-team' });
    expect(originOf(definition, 'miles')).toEqual({ kind: 'feature', name: 'miles', owner: 'ml' });
    expect(originOf(definition, 'unheard')).toEqual({ kind: 'feature', name: 'unheard', owner: 'ml' });
  });
});
