import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_US, Measured, batchName, days, hours, type SegmentRef } from '@mettle/contracts';
import { LOSSES, slotSums } from '@mettle/evaluation';
import { decide } from '@mettle/promotion';
import { ENDPOINT, START, flightsOf, latencyOf, openWorld, policyOf, requestOf } from '../testing/world.ts';
import type { Row, World } from '../testing/world.ts';
import { measurePair } from './measure-pair.ts';

const champion = { model: 'm', version: 1 };
const candidate = { model: 'm', version: 2 };
const watermark = START + days(8);
const cohort = { from: START, to: START + days(7) };
const policy = policyOf();

let world: World;
const rows: Row[] = [];
beforeAll(async () => {
  world = await openWorld();
  for (let day = 0; day < 9; day += 1) {
    const flights = flightsOf(1, day, 300);
    // One row that the candidate could not score, one label corrected in time, one too late.
    // On the seventh day an operator sends everybody to the champion: who was seen before stays where they were first.
    if (day === 6) flights.forEach((row, k) => { flights[k] = { ...row, arm: 'champion' }; });
    const [first, second, third] = flights;
    flights[0] = { ...first!, candidate: null, label: 1 };
    const corrections = new Map([[second!.id, { value: 1 - (second!.label ?? 0), knownAt: second!.knownAt + hours(1) }], [third!.id, { value: 1 - (third!.label ?? 0), knownAt: watermark + 1 }]]);
    await world.seal(flights, { corrections, byKeys: day % 2 === 1 });
    rows.push(...flights.map((row) => (row.id === second!.id && row.label !== null ? { ...row, label: 1 - row.label } : row)));
  }
});
afterAll(() => world.close());

const measure = (over: Partial<Parameters<typeof measurePair>[0]> = {}) =>
  measurePair({ db: world.db, blobs: world.blobs, catalogue: world.catalogue(watermark), policy, space: { task: 'binary' }, champion, candidate, cohort, watermark, challengeFrom: null, phase: 'shadow', ...over });
const within = (): Row[] => rows.filter((row) => row.at >= cohort.from && row.at < cohort.to);
const judged = (): Row[] => within().filter((row) => row.label !== null && row.knownAt <= watermark && row.candidate !== null);

describe('measurePair', () => {
  it('gives the slot sums that plain code gives, by metric and segment, with labels by id or by keys as known at the watermark', async () => {
    const measured = await measure();
    expect(Measured.safeParse(measured).success).toBe(true);
    for (const [metric, loss] of [['log_loss', LOSSES.log_loss], ['brier', LOSSES.brier]] as const)
      for (const segment of [null, 'origin=EWR', 'origin=JFK', 'origin=LGA']) {
        const want = slotSums(judged().filter(({ origin }) => segment === null || segment === `origin=${origin}`).map((row) => ({ at: row.at, champion: loss.of(row.label!, row.champion!), candidate: loss.of(row.label!, row.candidate!) })), hours(3));
        const got = measured.series.find((one) => one.metric === metric && one.segment === segment)?.slots ?? [];
        expect(got.map(({ at, rows: n }) => [at, n])).toEqual(want.map(({ at, rows: n }) => [at, n]));
        got.forEach((slot, k) => { expect(slot.sum).toBeCloseTo(want[k]!.sum, 6); expect(slot.champion).toBeCloseTo(want[k]!.champion, 6); });
      }
    expect(measured.series).toHaveLength(8);
  });

  it('counts coverage per version: labels that came, rows that an arm dropped', async () => {
    const { coverage } = await measure();
    const known = within().filter((row) => row.label !== null && row.knownAt <= watermark).length;
    expect(coverage.champion).toEqual({ predictions: within().length, labels: known, dropped: 0 });
    expect(coverage.candidate).toEqual({ predictions: within().length, labels: known - 7, dropped: 7 });
  });

  it('counts no label whose outcome precedes T, by id or by keys, in shadow and in a live split', async () => {
    const [early, without, equal] = await Promise.all([-1, null, 0].map(async (before) => {
      const other = await openWorld();
      for (let day = 0; day < 8; day += 1) {
        const flights = flightsOf(3, day, 100).map((row, k) => (k % 5 !== 0 ? row : before === null ? { ...row, label: null } : { ...row, outcomeAt: row.at + before }));
        await other.seal(flights, { byKeys: day % 2 === 1 });
      }
      const of = { db: other.db, blobs: other.blobs, catalogue: other.catalogue(watermark) };
      const [shadow, live] = [await measure(of), await measure({ ...of, phase: 'challenge', challengeFrom: START })];
      await other.close();
      return [shadow, live].map(({ series, coverage }) => ({ series, coverage }));
    }));
    expect(early).toEqual(without);
    expect(early![0]!.coverage.champion.labels).toBeLessThan(equal![0]!.coverage.champion.labels);
    expect(early![1]!.coverage.champion.labels).toBeLessThan(equal![1]!.coverage.champion.labels);
  });

  it('sees nothing of what was scored in batch, in shadow and in a live split', async () => {
    const sealed = world.catalogue(watermark);
    // The last three days of the cohort as if they had been scored in batch, against a catalogue without them.
    const late = (one: SegmentRef): boolean => one.table !== 'labels' && one.range.from >= START + days(4);
    const batch = { ...sealed, segments: sealed.segments.map((one) => (late(one) ? { ...one, name: batchName(one.table === 'vectors' ? one.name : null) } : one)) };
    const without = { ...sealed, segments: sealed.segments.filter((one) => !late(one)) };
    for (const live of [{}, { phase: 'challenge' as const, challengeFrom: START }]) {
      const measured = await measure({ catalogue: batch, ...live });
      expect(measured).toEqual(await measure({ catalogue: without, ...live }));
      expect(measured).not.toEqual(await measure(live));
    }
  });

  it('gives the same bits when days are sealed in other files and read by other threads', async () => {
    const other = await openWorld();
    for (const part of [rows.filter((_, k) => k % 3 === 0), rows.filter((_, k) => k % 3 !== 0)]) await other.seal(part);
    const [a, b] = [await measure(), await measure({ db: other.db, blobs: other.blobs, catalogue: other.catalogue(watermark) })];
    await other.close();
    expect(b.series).toEqual(a.series);
  });

  it('reads segments from the request and from features too, and leaves out what is nowhere', async () => {
    const measured = await measure({ policy: policyOf({ segments: [{ column: 'carrier', margin: 0.02 }, { column: 'wind', margin: 0.02 }, { column: 'moon', margin: 0.02 }] }) });
    const names = [...new Set(measured.series.map(({ segment }) => segment))];
    expect(names.filter((name) => name?.startsWith('carrier='))).toHaveLength(5);
    expect(names.some((name) => name?.startsWith('wind='))).toBe(true);
    expect(names.some((name) => name?.startsWith('moon='))).toBe(false);
  });

  it('counts first exposures by day and arm, errors and coverage by assigned arm in a live split', async () => {
    const from = START + days(4);
    const measured = await measure({ phase: 'challenge', challengeFrom: from });
    const live = rows.filter((row) => row.at >= from && row.at < watermark).sort((x, y) => x.at - y.at);
    const seen = new Set<string>();
    const want = [0, 1, 2, 3].map(() => ({ champion: 0, challenger: 0 }));
    for (const row of live) {
      if (seen.has(row.tail)) continue;
      seen.add(row.tail);
      want[Math.floor((row.at - from) / DAY_US)]![row.arm] += 1;
    }
    expect(measured.exposures).toEqual(want);
    const challenger = live.filter(({ arm }) => arm === 'challenger');
    const requests = (of: typeof live): number => new Set(of.map(requestOf)).size;
    const champion = live.filter(({ arm }) => arm === 'champion');
    expect(measured.service?.challenger).toEqual({ requests: requests(challenger), errors: requests(challenger.filter((row) => row.candidate === null)), slow: null });
    expect(measured.service?.champion).toEqual({ requests: requests(champion), errors: 0, slow: null });
    const timed = await measure({ phase: 'challenge', challengeFrom: from, policy: policyOf({ slowAfter: 150 }) });
    const slow = (of: typeof live): number => requests(of.filter((row) => latencyOf(row) > 150));
    expect([timed.service?.champion.slow, timed.service?.challenger.slow]).toEqual([slow(champion), slow(challenger)]);
    expect(slow(champion)).toBeGreaterThan(0);
    expect(slow(champion)).toBeLessThan(requests(champion));
    expect(measured.coverage.candidate.predictions).toBe(challenger.filter(({ at }) => at < cohort.to).length);
  });

  it('is empty, not wrong, where there is nothing', async () => {
    const measured = await measure({ catalogue: { ...world.catalogue(watermark), segments: [] } });
    expect(measured.coverage.champion).toEqual({ predictions: 0, labels: 0, dropped: 0 });
    expect(measured.series.map(({ slots }) => slots.length)).toEqual([0, 0]);
    expect((await measure({ catalogue: { ...world.catalogue(watermark), endpoint: `${ENDPOINT}x` } })).coverage.champion.predictions).toBe(0);
  });

  it('feeds decide: a harmful candidate fails', async () => {
    const bad = await openWorld();
    for (let day = 0; day < 8; day += 1) await bad.seal(flightsOf(2, day, 400, { worse: 2 }));
    const measured = await measure({ db: bad.db, blobs: bad.blobs, catalogue: bad.catalogue(watermark) });
    await bad.close();
    const outcome = decide(policy, measured, { kind: 'refresh', phase: 'shadow', startedAt: START, policyHash: '0'.repeat(64) });
    expect(outcome.verdict).toBe('fail');
  });
});
