import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkValue, MAX_UNITS, normalise, quantise, unitsOf } from './quantise.ts';

it('quantising what was read again gives the same integer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), fc.maxSafeInteger(), (scale, n) => {
      const units = n % MAX_UNITS;
      expect(quantise(units / unitsOf(scale), scale)).toBe(units === 0 ? 0 : units);
    }),
  );
});
it('halves go away from zero, and there is no -0', () => {
  expect([0.5, 1.5, 2.5, -0.5, -2.5].map((x) => quantise(x, 0))).toEqual([1, 2, 3, -1, -3]);
  expect(Object.is(quantise(-0.2, 0), 0)).toBe(true);
  expect(Object.is(normalise({ type: 'float64' }, -0), 0)).toBe(true);
});
it.each([
  ['float64', Number.NaN, 'NOT_A_NUMBER'], ['float64', Infinity, 'NOT_A_NUMBER'], ['float64', '1', 'TYPE_MISMATCH'], ['int64', 1.5, 'TYPE_MISMATCH'],
  ['int64', 2 ** 53, 'OUT_OF_RANGE'], ['bool', 1, 'TYPE_MISMATCH'], ['string', '\ud800', 'OUT_OF_RANGE'], ['timestamp', 0.5, 'TYPE_MISMATCH'], ['string', undefined, 'TYPE_MISMATCH'],
] as const)('a %s refuses %s with %s', (type, value, code) => {
  expect(() => checkValue('c', { type }, value)).toThrow(expect.objectContaining({ code }));
});
it('a scale bounds what fits', () => {
  expect(() => checkValue('c', { type: 'float64', scale: 6 }, 2e9)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }));
  expect(() => checkValue('c', { type: 'float64', scale: 6 }, 1e9)).not.toThrow();
});
