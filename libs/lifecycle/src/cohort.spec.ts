import { describe, expect, it } from 'vitest';
import { days, hours } from '@mettle/contracts';
import { dailyOr, looksAt, matureCohort, nextLook, type Looks } from './cohort.ts';

const looks = (min = 7, max = 28): Looks => ({ start: 0, policy: { maturation: days(1), shadow: { min: days(min), max: days(max), lookEvery: days(7), concurrent: 1 } } });

describe('looks at a shadow', () => {
  it('come at whole weeks of mature rows', () => {
    expect([7.9, 8, 14.9, 15].map((day) => looksAt(looks(), days(day)))).toEqual([0, 1, 1, 2]);
    expect([0, 1, 2, 3].map((n) => nextLook(looks(), n))).toEqual([8, 15, 22, 29].map(days));
  });
  it('end with the horizon', () => {
    expect(nextLook(looks(), 4)).toBeNull();
    expect(looksAt(looks(), days(400))).toBe(4);
  });
  it('round a shortest shadow up to a whole look', () => {
    expect(nextLook(looks(10), 0)).toBe(days(15));
    expect(looksAt(looks(10), days(8))).toBe(0);
    expect(looksAt(looks(10), days(15))).toBe(2);
  });
  it('see no row that is not mature', () => {
    expect(matureCohort(looks(), days(9))).toEqual({ from: 0, to: days(8) });
    expect(matureCohort(looks(), hours(3))).toEqual({ from: 0, to: 0 });
  });
  it('are daily in a challenge, or as often as it is long', () => {
    expect(dailyOr(days(3))).toBe(days(1));
    expect(dailyOr(hours(2))).toBe(hours(2));
    expect(dailyOr(0)).toBe(1);
  });
});
