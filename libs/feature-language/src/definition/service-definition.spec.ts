import { hours } from '@mettle/contracts';
import { describe, expect, it } from 'vitest';
import { category, count, featureService, featureView, float64, hashOfService, hashOfSource, hashOfView, hourOf, latest, mean, parseDefinition, serviceDefinition, ServiceDefinition, source, timestamp } from '../index.ts';
import { landings, lateness, latenessDefinition, origin, originDelays, originWeather, weather } from '../testing/flights.ts';

type Json = Record<string, never>;
const copy = () => structuredClone(latenessDefinition);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a definition', () => {
  it('survives JSON, and keeps its hash', () => {
    const parsed = parseDefinition(JSON.parse(JSON.stringify(latenessDefinition)));
    expect(parsed).toEqual(latenessDefinition);
    expect(hashOfService(parsed)).toBe(hashOfService(lateness));
    expect(hashOfService(parsed.service)).toBe(hashOfService(lateness));
    expect(parsed.views.map(hashOfView)).toEqual([originWeather, originDelays, latenessDefinition.views[2] as never].map(hashOfView));
  });
  it('keeps its hash when an owner or a description changes, and not otherwise', () => {
    const { ir } = originDelays;
    expect(hashOfView({ ...ir, owner: 'x', description: 'y' })).toBe(hashOfView(ir));
    expect(hashOfView({ ...ir, ttl: 1 })).not.toBe(hashOfView(ir));
    expect(hashOfSource({ ...weather, owner: 'x' })).toBe(hashOfSource(weather));
    expect(hashOfSource({ ...weather, clock: 'wall' })).not.toBe(hashOfSource(weather));
    const [first, ...rest] = lateness.ir.features;
    expect(hashOfService({ ...lateness.ir, features: [...rest, first as never] })).not.toBe(hashOfService(lateness));
  });
  it('refuses an unknown column, in the builder and in JSON', () => {
    expect(() => featureView('v', { owner: 'o', entity: origin, source: weather, ttl: null, features: (c) => ({ f: latest((c as unknown as Json)['nope'] as never) }) })).toThrow(code('UNKNOWN_COLUMN'));
    const json = copy();
    (json.sources[0] as { columns: object }).columns = {};
    expect(() => ServiceDefinition.parse(json)).toThrow(code('UNKNOWN_COLUMN'));
    const gone = copy();
    gone.service.request = gone.service.request.slice(1);
    expect(() => parseDefinition(gone)).toThrow(code('UNKNOWN_COLUMN'));
  });
  it.each([[0, 1], [-5, 1], [10, 3], [10, 0], [1.5, 0.5], [20_001, 1]])('refuses a window of %d in hops of %d', (window, hop) => {
    expect(() => featureView('v', { owner: 'o', entity: origin, source: landings, ttl: null, features: (c) => ({ f: mean(c.arr_delay, { window, hop }) }) })).toThrow(code(Number.isInteger(window) ? 'INVALID_WINDOW' : 'INVALID_DEFINITION'));
  });
  it('refuses a ttl of zero, and in JSON a window of zero', () => {
    expect(() => featureView('v', { owner: 'o', entity: origin, source: weather, ttl: 0, features: (c) => ({ f: latest(c.temp) }) })).toThrow(code('INVALID_WINDOW'));
    const json = copy();
    (json.views[1]?.features[0]?.aggregate as { window: number }).window = 0;
    expect(() => parseDefinition(json)).toThrow(code('INVALID_WINDOW'));
  });
  it('refuses a sum without a scale, a category that is no string, a zone that is none, and names that objects own', () => {
    const gusts = source('gusts', { owner: 'o', keys: { origin: 'string' }, columns: { gust: float64() } });
    expect(() => featureView('v', { owner: 'o', entity: origin, source: gusts, ttl: null, features: (c) => ({ f: mean(c.gust, { window: hours(1) }) }) })).toThrow(code('INVALID_DEFINITION'));
    expect(() => featureService('s', { owner: 'o', request: { t: timestamp() }, views: {}, features: ({ request }) => ({ f: category(request.t as never) }) })).toThrow(code('INVALID_DEFINITION'));
    expect(() => featureService('s', { owner: 'o', request: { t: timestamp() }, views: {}, features: ({ request }) => ({ f: hourOf(request.t, 'Nowhere/Atall') }) })).toThrow(code('INVALID_DEFINITION'));
    expect(() => source('s', { owner: 'o', keys: { k: 'string' }, columns: { constructor: float64() } as never })).toThrow(code('INVALID_DEFINITION'));
    expect(() => featureService('s', { owner: 'o', request: { t: timestamp() }, views: {}, features: ({ request }) => ({ f: (request.t as never as { and(x: boolean): never }).and(true) }) })).toThrow(code('INVALID_DEFINITION'));
  });
  it('refuses an entity whose keys the source lacks, and a view that is not the one it was written against', () => {
    const lonely = source('lonely', { owner: 'o', keys: { other: 'string' }, columns: {} });
    expect(() => featureView('v', { owner: 'o', entity: origin, source: lonely as never, ttl: null, features: () => ({ f: count({ window: hours(1) }) }) })).toThrow(code('UNKNOWN_COLUMN'));
    const json = copy();
    (json.views[0] as { ttl: number }).ttl = 5;
    expect(() => parseDefinition(json)).toThrow(code('INVALID_DEFINITION'));
  });
  it('refuses another shape, saying where', () => {
    expect(() => parseDefinition({ v: 1 })).toThrow(code('INVALID_DEFINITION'));
    expect(() => parseDefinition({ ...copy(), service: { ...copy().service, features: [] } })).toThrow(/service\.features/);
  });
  it('is self-contained: each source, entity and view once', () => {
    expect(serviceDefinition(lateness).sources.map(({ name }) => name)).toEqual(['weather', 'landings']);
    expect(latenessDefinition.entities.map(({ name }) => name)).toEqual(['origin', 'plane']);
  });
});
