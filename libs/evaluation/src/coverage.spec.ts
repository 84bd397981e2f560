import { describe, expect, it } from 'vitest';
import { coverageDifference, judgeCohorts, missingLabelBounds } from './coverage.ts';

const arm = (predictions: number, labels: number) => ({ predictions, labels, dropped: 0 });
const rule = { maxGap: 0.02, alpha: 0.05, sameRows: false };

describe('a difference of coverage', () => {
  it.each([
    ['every label is there', arm(100, 100), arm(50, 50), 'pass', 'COMPLETE'],
    ['within the gap, surely', arm(100_000, 95_000), arm(20_000, 19_000), 'pass', 'ALIKE'],
    ['beyond the gap and chance', arm(10_000, 9_500), arm(10_000, 8_900), 'fail', 'SELECTIVE'],
    ['beyond the gap, by chance perhaps', arm(40, 38), arm(40, 36), 'undetermined', 'UNCLEAR'],
    ['within the gap, too few to be sure', arm(50, 48), arm(50, 48), 'undetermined', 'UNCLEAR'],
    ['nothing was predicted', arm(0, 0), arm(50, 48), 'undetermined', 'NO_PREDICTIONS'],
  ] as const)('%s', (_, champion, candidate, verdict, meaning) => {
    expect(coverageDifference({ champion, candidate }, rule)).toMatchObject({ verdict, meaning });
  });

  it('on the same rows is no chance', () => {
    const same = { ...rule, sameRows: true };
    expect(coverageDifference({ champion: arm(40, 38), candidate: arm(40, 36) }, same).meaning).toBe('SELECTIVE');
    expect(coverageDifference({ champion: arm(50, 48), candidate: arm(50, 48) }, same).meaning).toBe('ALIKE');
  });

  it('is candidate minus champion, with an interval', () => {
    const { difference, champion, candidate } = coverageDifference({ champion: arm(10_000, 9_500), candidate: arm(10_000, 8_900) }, rule);
    expect([champion, candidate]).toEqual([0.95, 0.89]);
    expect(difference.estimate).toBeCloseTo(-0.06, 12);
    expect(difference.high ?? 0).toBeLessThan(-0.05);
  });

  it('bounds the mean of all rows without any assumption about the missing labels', () => {
    const { low, high } = missingLabelBounds(0.2, 0.9, 0, 1);
    expect(low).toBeCloseTo(0.18, 12);
    expect(high).toBeCloseTo(0.28, 12);
    expect(missingLabelBounds(0.2, 1, 0, 1)).toEqual({ low: 0.2, high: 0.2 });
    expect(() => missingLabelBounds(2, 0.9, 0, 1)).toThrowError(/mean loss/);
    expect(() => missingLabelBounds(0.2, 1.1, 0, 1)).toThrowError(/coverage/);
  });
});

describe('cohorts', () => {
  const full = { champion: arm(10_000, 9_900), candidate: arm(10_000, 9_900) };
  const judged = judgeCohorts([
    { range: { from: 0, to: 10 }, ...full },
    { range: { from: 10, to: 20 }, ...full },
    { range: { from: 20, to: 30 }, ...full },
    { range: { from: 0, to: 10 }, champion: arm(100, 50), candidate: arm(100, 50) },
    { range: { from: 0, to: 10 }, champion: arm(10_000, 9_900), candidate: arm(10_000, 9_000) },
    { range: { from: 0, to: 10 }, champion: arm(60, 57), candidate: arm(60, 57) },
    { range: { from: 0, to: 10 }, champion: arm(0, 0), candidate: arm(0, 0) },
  ], { ...rule, watermark: 35, maturation: 15, minCoverage: 0.9 });

  it('are judged when the last row had its whole maturation, and only with enough labels that are alike', () => {
    expect(judged.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['pass', 'MATURE'], ['pass', 'MATURE'], ['undetermined', 'IMMATURE'], ['undetermined', 'LOW_COVERAGE'], ['fail', 'COVERAGE_GAP'], ['undetermined', 'COVERAGE_UNCLEAR'], ['undetermined', 'NO_PREDICTIONS'],
    ]);
  });

  it('refuse shares outside [0, 1] and a negative maturation', () => {
    expect(() => judgeCohorts([], { ...rule, watermark: 0, maturation: 1, minCoverage: 2 })).toThrowError(/minCoverage/);
    expect(() => judgeCohorts([], { ...rule, watermark: 0, maturation: -1, minCoverage: 0.5 })).toThrowError(/maturation/);
  });
});
