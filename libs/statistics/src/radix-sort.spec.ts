import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';
import { sortDoubles } from './radix-sort.ts';

/** The same bits as Float64Array.prototype.sort: toEqual would take -0 for 0. */
function expectSorted(values: Float64Array): void {
  const want = values.slice().sort();
  const got = sortDoubles(values.slice());
  expect(got.length).toBe(want.length);
  for (let at = 0; at < want.length; at += 1) if (!Object.is(got[at], want[at])) expect.fail(`${got[at]} at ${at}, expected ${want[at]}`);
}

describe('sortDoubles', () => {
  const random = createRandom(20);
  const made: Record<string, (at: number) => number> = {
    'normal values': () => random.normal(),
    'values of every magnitude': () => (random.next() < 0.5 ? -1 : 1) * 10 ** (600 * random.next() - 300),
    'denormals, both zeros, infinities and the largest': (at) => [5e-324, -5e-324, 0, -0, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 2.2e-308, -2.2e-308][at % 10] as number,
    'integers with ties': () => random.below(50) - 25,
    'only negative values': () => -random.next(),
    'only positive values': () => random.next(),
    'one value': () => 3.5,
    'values that differ in the last bit of each half': (at) => new Float64Array(new Uint32Array([at & 1, 0x3ff00000 + (at & 2)]).buffer)[0] as number,
  };
  it.each(Object.keys(made))('sorts %s as the engine does', (name) => {
    for (const n of [0, 1, 1_999, 2_000, 20_000]) expectSorted(Float64Array.from({ length: n }, (_, at) => made[name]?.(at) ?? 0));
  });
  it('sorts any doubles, in a part of a buffer too', () => {
    fc.assert(fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 50 }), (few) => {
      const buffer = new Float64Array(3_001);
      for (let at = 0; at < buffer.length; at += 1) buffer[at] = (few[at % few.length] as number) * (1 + (at % 7));
      expectSorted(buffer.subarray(1));
    }), { numRuns: 60, seed: 6 });
  });
});
