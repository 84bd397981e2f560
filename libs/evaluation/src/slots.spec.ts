import { describe, expect, it } from 'vitest';
import { createRandom, longRunVariance } from '@mettle/statistics';
import { coverageGap, coverageOf } from './coverage.ts';
import { matureCohort, wholeLooks } from './maturity.ts';
import { mergeSlots, slotSums, slotsWithin } from './slot-series.ts';
import { ownLoss, slotAutocorrelations, slotInfluences, summariseSlots } from './slot-summary.ts';

const random = createRandom(4);
const rows = Array.from({ length: 3000 }, () => ({ at: Math.floor(random.next() * 1000), champion: random.next(), candidate: random.next() }));

describe('slot series', () => {
  it('are ordered sums over rows in any order; empty slots do not exist', () => {
    const slots = slotSums([{ at: 25, champion: 1, candidate: 3 }, { at: 1, champion: 2, candidate: 1 }, { at: 29, champion: 0, candidate: 1 }], 10);
    expect(slots).toEqual([{ at: 0, rows: 1, sum: -1, champion: 2, candidate: 1 }, { at: 20, rows: 2, sum: 3, champion: 1, candidate: 4 }]);
    expect(slotsWithin(slots, 0, 20)).toHaveLength(1);
  });

  it('merge: a month is the merge of its days', () => {
    const whole = slotSums(rows, 50);
    const merged = mergeSlots(slotSums(rows.slice(0, 1000), 50), slotSums(rows.slice(1000), 50));
    expect(merged.map(({ at, rows: n }) => [at, n])).toEqual(whole.map(({ at, rows: n }) => [at, n]));
    merged.forEach((slot, at) => expect(slot.sum).toBeCloseTo(whole[at]?.sum ?? Number.NaN, 9));
  });

  it('estimate the row-weighted mean, with influences that sum to zero', () => {
    const slots = slotSums(rows, 10);
    const mean = rows.reduce((sum, row) => sum + row.candidate - row.champion, 0) / rows.length;
    const summary = summariseSlots(slots, 8);
    expect(summary.estimate).toBeCloseTo(mean, 12);
    expect(summary.rows).toBe(3000);
    const { influences } = slotInfluences(slots) ?? { influences: new Float64Array() };
    expect(influences.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
    expect(summary.variance).toBe(longRunVariance(influences, 8).variance);
    expect(Math.sqrt(summary.variance / slots.length)).toBeCloseTo(Math.sqrt(1 / 6 / 3000), 2.5);
  });

  it('measure dependence: shared causes show as autocorrelation and design effect', () => {
    let cause = 0;
    const slots = Array.from({ length: 600 }, (_, t) => {
      cause = 0.6 * cause + random.normal();
      return { at: t, rows: 20, sum: 20 * cause, champion: 0, candidate: 20 * cause };
    });
    expect(slotAutocorrelations(slots, 2)[0]).toBeCloseTo(0.6, 1);
    expect(summariseSlots(slots, 8).designEffect ?? 0).toBeGreaterThan(2);
    expect(summariseSlots(slotSums(rows, 10), 8).designEffect ?? 9).toBeLessThan(1.5);
  });

  it('say nothing of nothing', () => {
    expect(summariseSlots([], 8)).toEqual({ slots: 0, rows: 0, estimate: null, variance: 0, designEffect: null });
  });

  it('turn into the series of one arm', () => {
    expect(summariseSlots(ownLoss(slotSums(rows, 10), 'champion'), 8).estimate).toBeCloseTo(0.5, 1);
  });
});

describe('maturity and coverage', () => {
  it('judges only what had time to be labelled, in whole looks', () => {
    expect(matureCohort(100, 150, 20)).toEqual({ from: 100, to: 130 });
    expect(matureCohort(100, 110, 20)).toEqual({ from: 100, to: 100 });
    expect(wholeLooks({ from: 100, to: 130 }, 7)).toEqual({ looks: 4, until: 128 });
    expect(wholeLooks({ from: 100, to: 100 }, 7)).toEqual({ looks: 0, until: 100 });
  });
  it('compares label coverage by arm; no predictions is no coverage', () => {
    const arms = { champion: { predictions: 100, labels: 97, dropped: 0 }, candidate: { predictions: 100, labels: 90, dropped: 7 } };
    expect(coverageOf(arms.candidate)).toBe(0.9);
    expect(coverageGap(arms)).toBeCloseTo(0.07, 12);
    expect(coverageGap({ ...arms, candidate: { predictions: 0, labels: 0, dropped: 0 } })).toBeNull();
  });
});
