import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import * as distributions from './distributions.ts';
import { parseGoldens, relativeError } from './testing/goldens.ts';

const goldens = parseGoldens(readFileSync(new URL('../goldens/statistics.json', import.meta.url), 'utf8'));

const functions = distributions as unknown as Record<string, (...args: number[]) => number>;
/** Largest relative error allowed; SciPy's own beta and kolmogi are the weaker side where it is above 1e-12. */
const LIMITS: Record<string, number> = { betaQuantile: 1e-9, betaCdf: 1e-10, betaSf: 1e-10, kolmogorovUpperQuantile: 1e-10, chiSquareCdf: 1e-11, chiSquareSf: 1e-11, tQuantile: 1e-10 };

const seen: Record<string, { authority: string[]; cases: number; largest: number }> = {};

describe('distributions', () => {
  it.each(Object.keys(goldens.distributions))('%s agrees with SciPy, tails included', (name) => {
    const of = functions[name];
    expect(of).toBeTypeOf('function');
    const worst = (goldens.distributions[name] ?? []).map(({ args, value }) => ({ args, error: Math.abs(value) < 1e-300 ? Math.abs((of?.(...args) ?? 1) - value) : relativeError(of?.(...args) ?? Number.NaN, value) })).sort((a, b) => b.error - a.error)[0];
    expect(worst, JSON.stringify(worst)).toBeDefined();
    seen[name] = { authority: ['SciPy'], cases: goldens.distributions[name]?.length ?? 0, largest: worst?.error ?? 1 };
    expect(worst?.error, JSON.stringify(worst)).toBeLessThan(LIMITS[name] ?? 1e-12);
  });

  it('answers the ends of its domains', () => {
    expect(distributions.normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(distributions.normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(distributions.normalQuantile(1.1)).toBeNaN();
    expect(distributions.chiSquareSf(0, 3)).toBe(1);
    expect(distributions.chiSquareUpperQuantile(0, 3)).toBe(Number.POSITIVE_INFINITY);
    expect(distributions.kolmogorovSf(0)).toBe(1);
  });
});

/** Beside those of the other goldens, for the table of the README. */
afterAll(() => {
  mkdirSync(new URL('../test-results/', import.meta.url), { recursive: true });
  writeFileSync(new URL('../test-results/distributions.json', import.meta.url), JSON.stringify(seen, null, 1));
});
