import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { METHODS } from './testing/methods.ts';

interface Case { method: string; case: string; authority: string; given: Record<string, never>; want: Record<string, unknown>; tolerance?: number }

const folder = new URL('../goldens/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'statistics.json');
const worst: Record<string, { authority: string[]; cases: number; largest: number; at: string }> = {};

/** Largest relative difference over all numbers of the expected answer; Infinity for what differs in kind. */
function difference(got: unknown, want: unknown): number {
  if (typeof want === 'number' && typeof got === 'number') return got === want ? 0 : Math.abs(got - want) / Math.max(Math.abs(want), 1e-300);
  if (Array.isArray(want)) {
    const list = ArrayBuffer.isView(got) ? Array.from(got as unknown as ArrayLike<number>) : got;
    return Array.isArray(list) && list.length === want.length ? want.reduce<number>((most, one, at) => Math.max(most, difference(list[at], one)), 0) : Number.POSITIVE_INFINITY;
  }
  if (want !== null && typeof want === 'object') return got !== null && typeof got === 'object' ? Object.entries(want).reduce((most, [key, one]) => Math.max(most, difference((got as Record<string, unknown>)[key], one)), 0) : Number.POSITIVE_INFINITY;
  return got === want ? 0 : Number.POSITIVE_INFINITY;
}

/** Zero against a rounding of zero: the authority's own noise is allowed in absolute terms. */
const settle = (got: unknown, want: unknown): number => {
  if (typeof want === 'number' && typeof got === 'number' && Math.abs(want) < 1e-12 && Math.abs(got) < 1e-12 && (want === 0 || got === 0)) return 0;
  return difference(got, want);
};

describe.each(files)('%s', (file) => {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { cases: Case[] };
  it.each([...new Set(cases.map((one) => one.method))])('%s gives the authority\'s numbers', (method) => {
    const ask = METHODS[method];
    expect(ask, `${method} has no adapter`).toBeTypeOf('function');
    for (const one of cases) {
      if (one.method !== method) continue;
      const got = ask?.(one.given) ?? {};
      const error = Object.entries(one.want).reduce((most, [key, want]) => Math.max(most, settle(got[key], want)), 0);
      expect(error, `${one.case}: ${JSON.stringify(got).slice(0, 400)} against ${JSON.stringify(one.want).slice(0, 400)}`).toBeLessThanOrEqual(one.tolerance ?? 1e-10);
      const known = (worst[method] ??= { authority: [], cases: 0, largest: 0, at: '' });
      known.cases += 1;
      if (!known.authority.includes(one.authority)) known.authority.push(one.authority);
      if (error > known.largest) { known.largest = error; known.at = one.case; }
    }
  });
});

afterAll(() => {
  mkdirSync(new URL('../test-results/', import.meta.url), { recursive: true });
  writeFileSync(new URL('../test-results/goldens.json', import.meta.url), JSON.stringify(worst, null, 1));
});
