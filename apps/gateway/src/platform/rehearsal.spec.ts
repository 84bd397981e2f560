import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_US, HOUR_US, Policy, hashOf, type Evidence, type Measured, type PolicyInput, type Principal, type SlotSums, type VersionRef } from '@mettle/contracts';
import { codeOf } from '../testing/codeOf.ts';
import { openTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';
import { T0, declaration, policy, tripsDefinition, tripsManifest } from '../testing/trips.ts';

const by: Principal = { id: 'ana', kind: 'person', roles: ['platform'] };
const START = Math.floor(T0 / DAY_US) * DAY_US;
const WIDTH = 3 * HOUR_US;

/** `days` of eight slots: a mean difference and a little noise that alternates. */
const slots = (days: number, mean: number): SlotSums[] =>
  Array.from({ length: days * 8 }, (_, k) => { const sum = 100 * (mean + (k % 2 === 0 ? 0.004 : -0.004)); return { at: START + k * WIDTH, rows: 100, sum, champion: 45, candidate: 45 + sum }; });

describe('a policy, rehearsed on what was measured', () => {
  let test: TestPlatform;
  let service: string;
  let epoch = 0;
  beforeAll(async () => {
    test = await openTestPlatform();
    service = (await test.as('admin').features.registerService({ definition: tripsDefinition })).service;
    await test.as('platform').endpoints.declare(declaration(service));
  });
  afterAll(() => test.close());

  async function version(name: string): Promise<VersionRef> {
    const ref = await test.platform.registry.registerVersion(tripsManifest(service, name), name);
    await test.platform.registry.recordQualification({ version: ref, key: name, verdict: 'pass', parity: null, holdout: {}, note: '' });
    return ref;
  }

  async function commit(action: 'deploy' | 'startShadow' | 'reject', ref: VersionRef, evidence: string | null = null): Promise<void> {
    const { table } = await test.platform.registry.commitDecision('trips', epoch, { endpoint: 'trips', at: START, action, phase: null, version: ref, verdict: null, reasons: [], evidence, policy: null, by, note: '', key: `${action}/${ref.version}`, share: null });
    epoch = table.epoch;
  }

  /** A candidate that was compared over some days and taken off the route. */
  async function compared(candidate: VersionRef, champion: VersionRef, days: number, mean: number, judgedBy: Partial<PolicyInput> = {}): Promise<void> {
    const { blobs } = test.platform;
    const coverage = { predictions: 800 * days, labels: 800 * days, dropped: 0 };
    const cohort = { from: START, to: START + days * DAY_US };
    const shared = { v: 1 as const, phase: 'shadow' as const, champion, candidate, cohort, watermark: cohort.to + DAY_US, segments: hashOf('segments'), coverage: { champion: coverage, candidate: coverage } };
    const series = [null, 'carrier=AA'].map((segment) => ({ metric: 'log_loss', segment, slots: slots(days, mean) }));
    const measured: Measured = { ...shared, series, exposures: null, service: null, past: [] };
    const evidence: Evidence = { ...shared, policy: await blobs.putJson(Policy.parse({ ...policy, ...judgedBy })), effects: [], mismatch: null, state: await blobs.putJson(measured) };
    await commit('startShadow', candidate);
    await commit('reject', candidate, await blobs.putJson(evidence));
  }

  const rehearse = async (change: Partial<PolicyInput> = {}) =>
    Object.fromEntries((await test.as('viewer').endpoints.rehearse({ endpoint: 'trips', policy: { ...policy, ...change } })).candidates.map((one) => [one.candidate.version, one]));

  it('says what each comparison would have come to, and what it does not hold', async () => {
    expect((await test.as('viewer').endpoints.rehearse({ endpoint: 'trips' })).candidates).toEqual([]);
    const [champion, better, worse, short, wide] = [await version('champion'), await version('better'), await version('worse'), await version('short'), await version('wide')];
    await commit('deploy', champion);
    await compared(better, champion, 14, -0.004);
    await compared(worse, champion, 14, 0.03);
    await compared(short, champion, 5, -0.004);
    await compared(wide, champion, 14, -0.004, { slot: { width: 2 * WIDTH, pooled: true, lag: 8 } });

    const asDeclared = await rehearse();
    expect(asDeclared[better.version]).toMatchObject({ champion, kind: 'change', days: 14, became: 'unknown', verdict: 'pass', after: 7 });
    expect(asDeclared[worse.version]).toMatchObject({ verdict: 'fail', after: 7 });
    expect(asDeclared[short.version]).toMatchObject({ verdict: 'undetermined', after: null, why: ['The comparison ended before the first look of this policy.'] });
    expect(asDeclared[wide.version]).toMatchObject({ verdict: null, why: ['It was measured in slots of 360 minutes.'] });

    const patient = await rehearse({ shadow: { min: 21 * DAY_US, max: 28 * DAY_US, lookEvery: 7 * DAY_US, concurrent: 3 } });
    expect(patient[better.version]).toMatchObject({ verdict: 'undetermined' });
    const other = await rehearse({ guardrails: [{ metric: 'brier', margin: 0.01 }], segments: [{ column: 'city', margin: 0.02 }] });
    expect(other[better.version]).toMatchObject({ verdict: null, why: ['It was not measured by brier.', 'It was not measured by segments of city.'] });
  });

  it('tells what the policy risks, and refuses one that could not be declared', async () => {
    expect((await test.as('viewer').endpoints.rehearse({ endpoint: 'trips' })).risk).toMatch(/candidates a year/);
    expect(await codeOf(() => rehearse({ minSlots: 100_000 }))).toBe('UNSATISFIABLE_POLICY');
    expect(await codeOf(() => test.as('viewer').endpoints.rehearse({ endpoint: 'none' }))).toBe('UNKNOWN_ENDPOINT');
  });
});
