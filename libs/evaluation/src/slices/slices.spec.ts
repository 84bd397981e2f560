import { createRandom, holm, normalSf } from '@mettle/statistics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binnedColumn, sliceColumn } from './column.ts';
import { confirmSlices } from './confirm.ts';
import type { FindOptions, Slice } from './find.ts';
import { findSlices } from './find.ts';
import { meet, sliceBound, sliceScore } from './score.ts';

type Columns = Record<string, string[]>;
const encode = (columns: Columns) => Object.entries(columns).map(([name, values]) => sliceColumn(name, values));

/** Every conjunction of up to `maxLevel` conditions, by its definition. */
function bruteForce(columns: Columns, errors: number[], { alpha = 0.6, maxLevel = 3, minSupport = 10, top = 10 }: FindOptions): Slice[] {
  const names = Object.keys(columns);
  const whole = { rows: errors.length, error: errors.reduce((sum, one) => sum + one, 0), largest: 0 };
  const found: Slice[] = [];
  const extend = (conditions: Slice['conditions'], from: number, rows: number[]): void => {
    if (conditions.length > 0 && rows.length >= minSupport) {
      const error = rows.reduce((sum, row) => sum + (errors[row] ?? 0), 0);
      const score = sliceScore({ rows: rows.length, error }, whole, alpha);
      if (score > 0) found.push({ conditions, rows: rows.length, meanError: error / rows.length, score });
    }
    if (conditions.length === maxLevel) return;
    for (let at = from; at < names.length; at += 1) {
      const column = names[at] as string;
      for (const value of new Set(columns[column])) extend([...conditions, { column, value }], at + 1, rows.filter((row) => columns[column]?.[row] === value));
    }
  };
  extend([], 0, errors.map((_, row) => row));
  const text = (slice: Slice): string => JSON.stringify(slice.conditions.map(({ column, value }) => [column, value]));
  return found.sort((a, b) => b.score - a.score || (text(a) < text(b) ? -1 : 1)).slice(0, top);
}

const dataset = fc.integer({ min: 1, max: 60 }).chain((n) => fc.record({
  a: fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: n, maxLength: n }),
  b: fc.array(fc.constantFrom('0', '1'), { minLength: n, maxLength: n }),
  c: fc.array(fc.constantFrom('p', 'q', 'r', 's'), { minLength: n, maxLength: n }),
  d: fc.array(fc.constantFrom('m', 'n'), { minLength: n, maxLength: n }),
  errors: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3 }), fc.double({ min: 0, max: 9, noNaN: true })), { minLength: n, maxLength: n }),
}));

describe('weak slices', () => {
  it('are those of full enumeration, ties and all', () => {
    fc.assert(fc.property(dataset, fc.record({ alpha: fc.constantFrom(0.3, 0.6, 0.95, 1), maxLevel: fc.constantFrom(1, 2, 3), minSupport: fc.constantFrom(1, 3, 10), top: fc.constantFrom(1, 4, 30) }), ({ errors, ...columns }, options) => {
      expect(findSlices(encode(columns), errors, options).slices).toEqual(bruteForce(columns, errors, options));
    }), { numRuns: 400 });
  });

  it('are bounded: nothing within a slice, or within two at once, scores above the bound', () => {
    fc.assert(fc.property(dataset, fc.constantFrom(0.3, 0.6, 0.95), fc.constantFrom(1, 4), ({ a, b, errors }, alpha, minSupport) => {
      const sums = (rows: number[]) => ({ rows: rows.length, error: rows.reduce((sum, row) => sum + (errors[row] ?? 0), 0), largest: rows.reduce((most, row) => Math.max(most, errors[row] ?? 0), 0) });
      const rows = errors.map((_, row) => row);
      const whole = sums(rows);
      if (whole.error === 0) return;
      const [left, right] = [rows.filter((row) => a[row] === 'x'), rows.filter((row) => b[row] === '1')];
      const both = sums(left.filter((row) => right.includes(row)));
      if (both.rows < minSupport) return;
      const score = sliceScore(both, whole, alpha);
      for (const outer of [sums(left), sums(right), meet(sums(left), sums(right))]) if (both.error > 0) expect(sliceBound(outer, whole, alpha, minSupport)).toBeGreaterThanOrEqual(score);
    }), { numRuns: 300 });
  });

  it('are found without counting most of what cannot matter', () => {
    const random = createRandom(5);
    const n = 5000;
    const columns = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`c${at}`, Array.from({ length: n }, () => String(random.below(6)))]));
    const errors = Array.from({ length: n }, (_, row) => random.next() * 0.2 + (columns.c1?.[row] === '2' && columns.c4?.[row] === '3' ? 1 : 0));
    const found = findSlices(encode(columns), errors, { alpha: 0.95, top: 3 });
    expect(found.slices[0]?.conditions).toEqual([{ column: 'c1', value: '2' }, { column: 'c4', value: '3' }]);
    expect(found.evaluated).toBeLessThan(0.2 * (8 * 6 + 28 * 36 + 56 * 216));
    expect(found.pruned).toBeGreaterThan(0);
  });

  it('take null as a value, and numbers by bin', () => {
    expect(sliceColumn('a', [null, 'x', 1, true]).values).toEqual(['1', 'null', 'true', 'x']);
    const column = binnedColumn('b', [0, 5, 10, 11, -1, null, Number.NaN], [0, 5, 10]);
    expect(Array.from(column.codes, (code) => column.values[code])).toEqual(['[0, 5)', '[5, 10]', '[5, 10]', '>10', '<0', 'null', 'null']);
  });

  it('are none without errors, and refuse what is no error', () => {
    expect(findSlices([], [])).toEqual({ slices: [], rows: 0, meanError: null, evaluated: 0, pruned: 0 });
    expect(findSlices([sliceColumn('a', ['x'])], [0]).slices).toEqual([]);
    for (const bad of [[-1], [Number.NaN], [Number.POSITIVE_INFINITY]]) expect(() => findSlices([sliceColumn('a', ['x'])], bad)).toThrowError();
    expect(() => findSlices([sliceColumn('a', ['x', 'y'])], [1])).toThrowError(/equally long/);
    expect(() => findSlices([], [1], { maxLevel: 4 })).toThrowError(/maxLevel/);
    expect(() => findSlices([], [1], { alpha: 0 })).toThrowError(/alpha/);
    expect(() => findSlices([], [1], { minSupport: 0 })).toThrowError(/minSupport/);
  });
});

describe('slices on later data', () => {
  const rule = { after: 0, width: 10, lag: 4, alpha: 0.05 };
  /** Rows of 60 slots whose errors share the slot's cause; `extra` is added to side = left. */
  function later(seed: number, extra: number) {
    const random = createRandom(seed);
    const side: string[] = [];
    const errors: number[] = [];
    const at: number[] = [];
    let cause = 0;
    for (let slot = 0; slot < 60; slot += 1) {
      cause = 0.5 * cause + 0.2 * random.normal();
      for (let row = 0; row < 20; row += 1) {
        side.push(random.below(4) === 0 ? 'left' : 'right');
        errors.push(Math.max(0, 2 + cause + random.normal() * 0.5 + (side.at(-1) === 'left' ? extra : 0)));
        at.push(slot * 10 + row % 10);
      }
    }
    return { columns: [sliceColumn('side', side)], errors, at };
  }
  const slice: Slice = { conditions: [{ column: 'side', value: 'left' }], rows: 100, meanError: 3, score: 1 };

  it('are confirmed where they err more than the rest, and not where they do not', () => {
    const [got] = confirmSlices([slice], later(1, 0.5), rule);
    expect(got).toMatchObject({ verdict: 'pass', reason: 'CONFIRMED', slots: 60 });
    expect(got?.difference ?? 0).toBeCloseTo(0.5, 1);
    expect(confirmSlices([slice], later(2, -0.5), rule)[0]).toMatchObject({ verdict: 'fail', reason: 'NOT_WORSE' });
  });

  it('have the standard error of the difference, and p-values adjusted for their number', () => {
    // One row in the slice and one outside it in each slot: the difference is a mean over slots of in - out.
    const slots = Array.from({ length: 40 }, (_, slot) => [2 + Math.sin(slot * slot) + (slot % 3), 2 + Math.cos(3 * slot * slot)] as const);
    const data = { columns: [sliceColumn('side', slots.flatMap(() => ['left', 'right']))], errors: slots.flat(), at: slots.flatMap((_, slot) => [slot * 10, slot * 10]) };
    const right: Slice = { ...slice, conditions: [{ column: 'side', value: 'right' }] };
    const got = confirmSlices([slice, right], data, { ...rule, lag: 0 });
    const gaps = slots.map(([left, other]) => left - other);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / 40;
    expect(got[0]?.difference).toBeCloseTo(mean, 12);
    expect(got[0]?.standardError).toBeCloseTo(Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0)) / 40, 12);
    const raw = got.map(({ difference, standardError }) => normalSf((difference ?? 0) / (standardError ?? 1)));
    expect(got.map(({ pValue }) => pValue)).toEqual(holm(raw));
    expect(got[0]?.pValue).toBeCloseTo(2 * (raw[0] ?? 9), 12);
  });

  it('that were found by chance are confirmed at most alpha of the time, all together (seeded, Monte-Carlo error 1.3 points)', () => {
    let wrong = 0;
    const runs = 300;
    const right: Slice = { ...slice, conditions: [{ column: 'side', value: 'right' }] };
    for (let seed = 0; seed < runs; seed += 1) if (confirmSlices([slice, right], later(50 + seed, 0), rule).some(({ verdict }) => verdict === 'pass')) wrong += 1;
    expect(wrong / runs).toBeLessThanOrEqual(0.05 + 0.03);
  });

  it('are undetermined with too little of them, and never judged on the rows they were found in', () => {
    const data = later(3, 0.5);
    const unknown: Slice = { ...slice, conditions: [{ column: 'side', value: 'middle' }] };
    const [none, some] = confirmSlices([unknown, slice], data, { ...rule, minSlots: 61 });
    expect(none).toMatchObject({ verdict: 'undetermined', reason: 'LOW_SUPPORT', pValue: null, difference: null });
    expect(some).toMatchObject({ verdict: 'undetermined', reason: 'TOO_FEW_SLOTS' });
    expect(confirmSlices([slice], { ...data, errors: data.errors.map(() => 1) }, rule)[0]).toMatchObject({ verdict: 'undetermined', reason: 'NO_VARIANCE' });
    expect(() => confirmSlices([slice], data, { ...rule, after: 100 })).toThrowError(/later rows/);
    expect(() => confirmSlices([{ ...slice, conditions: [{ column: 'tide', value: 'x' }] }], data, rule)).toThrowError(/no column/);
  });
});
