import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_US } from '@mettle/contracts';
import { entity, featureService, featureView, latest, serviceDefinition, source, float64 } from '@mettle/feature-language';
import { codeOf } from '../testing/codeOf.ts';
import { openTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';
import { report, T0, tripsDefinition } from '../testing/trips.ts';

describe('features', () => {
  let test: TestPlatform;
  let service: string;
  beforeAll(async () => {
    test = await openTestPlatform();
    service = (await test.as('scientist').features.registerService({ definition: tripsDefinition })).service;
  });
  afterAll(() => test.close());
  const read = (at: number) => test.as('viewer').features.read({ service: 'trips', keys: { city: 'Paris' }, request: { carrier: 'UA', leaves: T0 }, at });

  it('registers a service once and shows it by hash and by name', async () => {
    const again = await test.as('scientist').features.registerService({ definition: tripsDefinition });
    expect(again).toEqual({ service, fresh: false });
    const shown = await test.as('viewer').features.getService({ service: 'trips' });
    expect(shown.hash).toBe(service);
    expect(shown.features.map((feature) => feature.name)).toEqual(['carrier', 'hour', 'temp', 'mean_temp', 'reports', 'cold']);
    expect(await test.as('viewer').features.listServices({})).toHaveLength(1);
  });

  it('serves what a push acknowledged, once, however often it is pushed', async () => {
    const first = await test.as('scientist').features.push({ source: 'weather', events: [report(1, 20.5), report(2, 21.25)] });
    expect(first).toEqual({ accepted: 2, duplicates: 0, position: 2 });
    const again = await test.as('scientist').features.push({ source: 'weather', events: [report(2, 21.25), report(3, 22)] });
    expect(again).toEqual({ accepted: 1, duplicates: 1, position: 3 });
    const vector = await read(T0 + 5 * MINUTE_US);
    expect(vector.values.slice(2, 5)).toEqual([22, 21.25, 3]);
    expect(vector.read[0]?.position).toBe(3);
  });

  it('applies pushes that run side by side in the order of the log', async () => {
    const from = 100;
    await Promise.all(Array.from({ length: 40 }, (_, i) => test.as('scientist').features.push({ source: 'weather', events: [report(from + i, i)] })));
    expect(await test.platform.online.position(0)).toBe(test.platform.events.last);
    const vector = await read(T0 + (from + 39) * MINUTE_US);
    expect(vector.values[2]).toBe(39);
  });

  it('fills a view that comes after its events, and goes on with it', async () => {
    const late = featureService('late', {
      owner: 'rides', request: {}, features: ({ weather: w }) => ({ high: w.temp }),
      views: { weather: featureView('last_temp', { owner: 'met', entity: entity('city', { keys: { city: 'string' } }), ttl: null, features: (c) => ({ temp: latest(c.temp) }),
        source: source('weather', { owner: 'met', clock: 'event', keys: { city: 'string' }, columns: { temp: float64({ scale: 2 }), code: { type: 'string' } } }) }) },
    });
    await test.as('scientist').features.registerService({ definition: serviceDefinition(late) });
    const high = async () => (await test.as('viewer').features.read({ service: 'late', keys: { city: 'Paris' }, at: T0 + 1_000 * MINUTE_US })).values;
    expect(await high()).toEqual([39]);
    await test.as('scientist').features.push({ source: 'weather', events: [report(200, -3)] });
    expect(await high()).toEqual([-3]);
  });

  it('applies after a restart what was durable and not applied', async () => {
    const { records } = await test.platform.events.append('weather', [report(300, 7)]);
    expect(await test.platform.online.position(0)).toBe(records[0]!.sequence - 1);
    await test.reopen();
    expect(await test.platform.online.position(0)).toBe(records[0]!.sequence);
    expect((await read(T0 + 300 * MINUTE_US)).values[2]).toBe(7);
  });

  it('refuses bad input with a typed error and keeps nothing of it', async () => {
    const push = (events: unknown[], name = 'weather') => codeOf(() => test.as('scientist').features.push({ source: name, events: events as never }));
    const last = test.platform.events.last;
    expect(await push([report(400, 1)], 'nowhere')).toBe('UNKNOWN_SOURCE');
    expect(await push([report(400, 1), report(401, 1, { publishedAt: null })])).toBe('MISSING_KNOWN_AT');
    expect(await push([report(400, 1), report(401, 1, { values: { wind: 1 } })])).toBe('UNKNOWN_COLUMN');
    expect(await push([report(400, 'warm' as never)])).toBe('TYPE_MISMATCH');
    expect(await push([null])).toBe('INVALID_INPUT');
    expect(await push([{ eventId: 'x' }])).toBe('INVALID_INPUT');
    expect(await push(Array.from({ length: 5_001 }, (_, i) => report(1_000 + i, 1)))).toBe('INVALID_INPUT');
    expect(test.platform.events.last).toBe(last);
    expect(await codeOf(() => test.as('viewer').features.read({ service: 'trips', keys: {}, request: { carrier: 'UA', leaves: 1 }, at: T0 }))).toBe('UNKNOWN_ENTITY');
    expect(await codeOf(() => test.as('viewer').features.getService({ service: 'nope' }))).toBe('UNKNOWN_SERVICE');
  });

  it('refuses definitions that do not hold together', async () => {
    const register = (definition: unknown) => codeOf(() => test.as('scientist').features.registerService({ definition: definition as never }));
    const broken = structuredClone(tripsDefinition);
    (broken.views[0]!.features[0] as { aggregate: unknown }).aggregate = { op: 'latest', input: { column: 'wind', type: 'float64', scale: 2 } };
    expect(await register(broken)).toBe('UNKNOWN_COLUMN');
    const windowless = structuredClone(tripsDefinition);
    (windowless.views[0]!.features[1] as { aggregate: { window: number } }).aggregate.window = 0;
    expect(await register(windowless)).toBe('INVALID_WINDOW');
    expect(await register({ v: 1 })).toBe('INVALID_DEFINITION');
    const other = structuredClone(tripsDefinition);
    other.sources[0]!.clock = 'wall';
    expect(await register(other)).toBe('ALREADY_EXISTS');
    // The sources that came beside the refused one, or with a definition that does not compile, are not taken.
    const push = (name: string) => codeOf(() => test.as('scientist').features.push({ source: name, events: [report(1, 1)] }));
    other.sources.unshift({ ...tripsDefinition.sources[0]!, name: 'beside' });
    expect([await register(other), await push('beside')]).toEqual(['ALREADY_EXISTS', 'UNKNOWN_SOURCE']);
    broken.sources.push({ ...tripsDefinition.sources[0]!, name: 'with' });
    expect([await register(broken), await push('with')]).toEqual(['UNKNOWN_COLUMN', 'UNKNOWN_SOURCE']);
  });
});
