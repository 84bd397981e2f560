import { describe, expect, it } from 'vitest';
import { columnOf } from './losses.ts';

const part = (rows: number, units: number) => ({ rows, mean: rows === 0 ? null : (units * 1e-9) / rows });
const stretch = (month: string, week: string, rows: number, units: number) => ({ byMonth: [{ month, ...part(rows, units) }], byWeek: [{ week, ...part(rows, units) }] });
const april = (month: string): boolean => month === '2013-04';

describe('a column of the table', () => {
  it('has the same bits however the time was cut into stretches', () => {
    const cuts = [[7, 3_141_592_653], [11, 2_718_281_828], [13, 1_414_213_562]] as const;
    const fine = columnOf(cuts.map(([rows, units]) => stretch('2013-04', '2013-W14', rows, units)), april);
    const whole = columnOf([stretch('2013-04', '2013-W14', 31, 3_141_592_653 + 2_718_281_828 + 1_414_213_562)], april);
    expect(Object.is(fine.mean, whole.mean)).toBe(true);
    expect(fine.byWeek).toEqual(whole.byWeek);
  });

  it('judges the months that count, and shows every week', () => {
    const { mean, byMonth, byWeek } = columnOf([stretch('2013-03', '2013-W13', 10, 9e9), stretch('2013-04', '2013-W14', 10, 4e9)], april);
    expect(mean).toBeCloseTo(0.4, 12);
    expect([[...byMonth.keys()], [...byWeek.keys()]]).toEqual([['2013-04'], ['2013-W13', '2013-W14']]);
  });

  it('has no mean without rows', () => {
    expect(columnOf([], april).mean).toBeNull();
    expect(columnOf([stretch('2013-04', '2013-W14', 0, 0)], april).mean).toBeNull();
  });
});
