import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longDivision } from '../testing/oracle.ts';
import { addTo, divide, quotient } from './exact.ts';

const LIMB = 2n ** 52n;

describe('exact sums', () => {
  it('hold any sum of safe integers', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 52, -(2 ** 52)))), (units) => {
        const sum = { high: 0, low: 0 };
        for (const unit of units) addTo(sum, unit);
        expect(BigInt(sum.high) * LIMB + BigInt(sum.low)).toBe(units.reduce((total, unit) => total + BigInt(unit), 0n));
        expect(Math.abs(sum.low)).toBeLessThan(2 ** 52);
        expect(Object.is(sum.low, -0)).toBe(false);
      }),
    );
  });
  it('are divided with one rounding, to the nearest double', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 104n), max: 2n ** 104n }), fc.bigInt({ min: 1n, max: 2n ** 60n }), (n, d) => {
        expect(quotient(n, d)).toBe(longDivision(n, d));
      }),
    );
    expect(quotient(2n ** 53n + 1n, 1n)).toBe(2 ** 53); // a tie goes to even
    expect(quotient(2n ** 53n + 3n, 1n)).toBe(2 ** 53 + 4);
    const d = 3n ** 60n; // a hair above a tie goes up
    expect(quotient((2n ** 53n + 1n) * d + 1n, d)).toBe(2 ** 53 + 2);
    expect(quotient(-(2n ** 53n + 1n) * d - 1n, d)).toBe(-(2 ** 53) - 2);
  });
  it('give the same double whichever way the limbs hold a number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.constantFrom(1, 100, 1e12), fc.integer({ min: 1, max: 20_000 }), (low, units, count) => {
        expect(divide(1, low - 2 ** 52, units, count)).toBe(divide(0, low, units, count));
      }),
    );
  });
});
