import { describe, expect, it } from 'vitest';
import { days, hours } from '@mettle/contracts';
import { createRandom } from '@mettle/statistics';
import { centred, pastOf } from './past.ts';
import { START, slotsOf } from './testing/cases.ts';

const width = hours(3);
const month = (seed: number, from: number, mean: number) => slotsOf(createRandom(seed), { days: 28, mean, noise: 0.01, from });
const sum = (slots: readonly { sum: number }[]): number => slots.reduce((total, slot) => total + slot.sum, 0);

describe('the past of a comparison', () => {
  it('is ordered, ends before the cohort, and holds each hour once: of comparisons side by side the newest counts', () => {
    const [a, b, c] = [month(1, START - days(60), 0.1), month(2, START - days(40), -0.2), month(3, START - days(10), 0.3)];
    const past = pastOf([c, b, a].map((slots) => ({ slots, reversed: false })), START, width);
    const at = past.map((slot) => slot.at);
    expect(at).toEqual([...new Set(at)].sort((x, y) => x - y));
    expect(at.at(-1)! + width).toBeLessThanOrEqual(START);
    const starts = [a, b, c].map((slots) => slots[0]!.at);
    expect(at.filter((time) => time >= starts[2]!)).toEqual(c.map((slot) => slot.at).filter((time) => time + width <= START));
    expect(at.filter((time) => time >= starts[1]! && time < starts[2]!)).toEqual(b.map((slot) => slot.at).filter((time) => time + width <= starts[2]!));
    expect(at[0]).toBe(starts[0]);
  });

  it('knows nothing of what each candidate was worth', () => {
    const slots = month(4, START - days(28), 0.1);
    const better = slots.map((slot) => ({ ...slot, sum: slot.sum - 0.5 * slot.rows }));
    const [worse, good] = [slots, better].map((one) => pastOf([{ slots: one, reversed: false }], START, width));
    worse!.forEach((slot, k) => { expect(slot.sum).toBeCloseTo(good![k]!.sum, 9); });
    expect(sum(worse!)).toBeCloseTo(0, 9);
  });

  it('turns a pair whose fresher model stood on the other side', () => {
    const slots = month(5, START - days(28), 0.1);
    expect(pastOf([{ slots, reversed: true }], START, width)).toEqual(centred(slots).map((slot) => ({ ...slot, sum: -slot.sum })));
  });

  it('is empty without comparisons, or with none that has a slot before', () => {
    expect(pastOf([], START, width)).toEqual([]);
    expect(pastOf([{ slots: month(6, START, 0), reversed: false }, { slots: [], reversed: false }], START, width)).toEqual([]);
    expect(centred([{ at: START, rows: 0, sum: 0, champion: 0, candidate: 0 }])).toEqual([{ at: START, rows: 0, sum: 0 }]);
  });
});
