import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { predictionIdOf, type LabelInput } from '@mettle/contracts';
import { codeOf } from '../testing/codeOf.ts';
import { openTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';
import { declaration, T0, tripsDefinition } from '../testing/trips.ts';

const label = (n: number, over: Partial<LabelInput> = {}): LabelInput => ({
  labelId: `l${n}`, target: { predictionId: predictionIdOf('trips', `r${n}`, 0) }, value: n % 2, revision: 0, eventTime: T0 + n, publishedAt: T0 + n, source: 'desk', ...over,
});
const observation = (n: number, over: object = {}) => ({ requestId: `r${n}`, keys: { city: 'Paris' }, request: { carrier: 'UA', leaves: T0 }, at: T0 + n, ...over });

describe('datasets', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await openTestPlatform();
    const { service } = await test.as('admin').features.registerService({ definition: tripsDefinition });
    await test.as('admin').endpoints.declare(declaration(service));
  });
  afterAll(() => test.close());
  const labels = (...all: LabelInput[]) => test.as('scientist').datasets.pushLabels({ endpoint: 'trips', labels: all });
  const observe = (...all: unknown[]) => test.as('scientist').datasets.pushObservations({ endpoint: 'trips', observations: all as never });

  it('takes observations once, by their request', async () => {
    expect(await observe(observation(1), observation(2))).toEqual({ accepted: 2, duplicates: 0 });
    expect(await observe(observation(2), observation(3))).toEqual({ accepted: 1, duplicates: 1 });
    expect(await codeOf(() => observe(observation(3, { at: T0 + 99 })))).toBe('REQUEST_REUSED');
  });

  it('takes labels once, and a correction by a higher revision', async () => {
    expect(await labels(label(1), label(2))).toEqual({ accepted: 2, duplicates: 0 });
    expect(await labels(label(2))).toEqual({ accepted: 0, duplicates: 1 });
    expect(await labels(label(2, { revision: 1, value: 1 }))).toEqual({ accepted: 1, duplicates: 0 });
  });

  it('refuses labels and observations that cannot be, and keeps none of the batch', async () => {
    const before = [test.platform.labels.last, test.platform.observations.last];
    expect(await codeOf(() => labels(label(10), label(1, { value: 0 })))).toBe('CONFLICTING_LABEL');
    expect(await codeOf(() => labels(label(10), label(11, { target: { endpoint: 'trips', keys: { city: 'Paris' }, at: T0 + 100 } })))).toBe('LABEL_BEFORE_PREDICTION');
    expect(await codeOf(() => labels(label(10), label(11, { publishedAt: null })))).toBe('MISSING_KNOWN_AT');
    expect(await codeOf(() => labels(label(10), label(11, { target: { endpoint: 'nowhere', keys: { city: 'Paris' }, at: 1 } })))).toBe('INVALID_INPUT');
    expect(await codeOf(() => labels(label(10), label(11, { value: Number.NaN })))).toBe('INVALID_INPUT');
    expect(await codeOf(() => labels(label(10), label(11, { value: 'late' as never })))).toBe('INVALID_INPUT');
    for (const value of [2, -1, 0.5]) expect(await codeOf(() => labels(label(10), label(11, { value })))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => labels(label(10), { ...label(11), target: 'x' } as never))).toBe('INVALID_INPUT');
    expect(await codeOf(() => test.as('scientist').datasets.pushLabels({ endpoint: 'nowhere', labels: [label(10)] }))).toBe('UNKNOWN_ENDPOINT');
    expect(await codeOf(() => observe(observation(10), observation(11, { keys: {} })))).toBe('UNKNOWN_ENTITY');
    expect(await codeOf(() => observe(observation(10), observation(11, { request: { carrier: 7, leaves: T0 } })))).toBe('TYPE_MISMATCH');
    expect(await codeOf(() => observe(observation(10), { requestId: 'x' }))).toBe('INVALID_INPUT');
    expect([test.platform.labels.last, test.platform.observations.last]).toEqual(before);
  });

  it('counts what is in the logs and what is sealed', async () => {
    const counts = await test.as('viewer').datasets.counts({ endpoint: 'trips' });
    expect(counts).toEqual({ endpoint: 'trips', sealed: {}, segments: 0, snapshots: 0, predictions: 0, observations: 0, labels: 0, parkedLabels: 0, earlyLabels: 0, unfitLabels: 0, logged: { events: 0, labels: 3, observations: 3 } });
  });

  it('names a data version that is not there', async () => {
    expect(await codeOf(() => test.as('viewer').datasets.snapshot({ snapshot: 'a'.repeat(64) }))).toBe('UNKNOWN_SNAPSHOT');
    expect(await codeOf(() => test.as('viewer').datasets.snapshot({ snapshot: '../../etc/passwd' }))).toBe('INVALID_INPUT');
  });
});
