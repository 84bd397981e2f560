import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashOf } from '@mettle/contracts';
import { liveEqualCandidates } from './equal-lives.ts';
import type { EqualLivesQuestion } from './equal-lives.ts';
import { policyOf } from './testing/cases.ts';
import { flightHistory } from './testing/flights.ts';
import type { FlightSlots } from './testing/flights.ts';

/** The table of the README: prints what it measures. Two minutes of one core. */
const document = JSON.parse(readFileSync(new URL('../goldens/flights.json', import.meta.url), 'utf8')) as FlightSlots;
const policy = policyOf();
const base = { policyHash: hashOf(policy), replicates: 400, seed: 7, windowDays: null } as const;
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const PAIRS = [['frozen', 'monthly'], ['monthly', 'frozen'], ['before', 'weekly'], ['weekly', 'before']] as const;

describe('the flights policy on real flights', () => {
  it.each(PAIRS)('champion %s, candidate %s', (champion, candidate) => {
    const history = flightHistory(document, champion, candidate);
    const told = (what: string, over: Partial<EqualLivesQuestion>): number => {
      const rates = [1, 3, 7].map((blockDays) => liveEqualCandidates(policy, history, { ...base, kind: 'change', blockDays, ...over }));
      console.log(`${candidate} against ${champion}, ${what}: promoted ${rates.map(({ promoted }) => percent(promoted)).join(', ')}; failed ${rates.map(({ failed }) => percent(failed)).join(', ')} (blocks of 1, 3, 7 days)`);
      return Math.max(...rates.map(({ promoted }) => promoted));
    };
    const alone = told('equal change', {});
    const withPast = told('equal change, with the comparisons before', { withPast: true });
    told('equal change of eight weeks', { windowDays: 56 });
    const withEarlier = told('equal change of eight weeks, with the comparisons before those', { windowDays: 56, withPast: true });
    told('equal refresh', { kind: 'refresh', effect: 0 });
    if (candidate === 'monthly' || candidate === 'weekly') expect(alone).toBeLessThanOrEqual(policy.alpha);
    expect(withPast).toBeLessThanOrEqual(policy.alpha);
    expect(withEarlier).toBeLessThanOrEqual(policy.alpha + 2 * Math.sqrt((policy.alpha * (1 - policy.alpha)) / base.replicates));
  });
});
