import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DAY_US, hashOf, hours } from '@mettle/contracts';
import type { SlotSeries, SlotSums } from '@mettle/contracts';
import { createRandom } from '@mettle/statistics';
import { mergeSlots } from '@mettle/evaluation';
import { liveEqualCandidates } from './equal-lives.ts';
import { rehearseSeries } from './rehearse.ts';
import { historyOf } from './stored-history.ts';
import { START, policyOf } from './testing/cases.ts';
import { flightHistory } from './testing/flights.ts';
import type { FlightSlots } from './testing/flights.ts';

const document = JSON.parse(readFileSync(new URL('../goldens/flights.json', import.meta.url), 'utf8')) as FlightSlots;
const flights = (champion: Parameters<typeof flightHistory>[1], candidate: Parameters<typeof flightHistory>[2]) => flightHistory(document, champion, candidate);
const policy = policyOf();
const policyHash = hashOf(policy);
const REPLICATES = 200;
const base = { policyHash, replicates: REPLICATES, seed: 11, windowDays: null } as const;
/** alpha and two Monte-Carlo errors of it. */
const LIMIT = policy.alpha + 2 * Math.sqrt((policy.alpha * (1 - policy.alpha)) / REPLICATES);

/** Three origins whose hours share a cause (correlation .43 in one slot) and remember the hour before (.5), with a day's rhythm. */
function crossCorrelated(days: number): SlotSeries[] {
  const random = createRandom(5);
  const states = [0, 0, 0, 0];
  const own: SlotSums[][] = [[], [], []];
  for (let slot = 0; slot < days * 8; slot += 1) {
    for (let k = 0; k < 4; k += 1) states[k] = 0.5 * (states[k] ?? 0) + Math.sqrt(0.75) * random.normal();
    if (slot % 8 === 7) continue;
    own.forEach((slots, k) => {
      const rows = 30 + random.below(40);
      const sum = rows * 0.02 * (Math.sqrt(0.43) * (states[3] ?? 0) + Math.sqrt(0.57) * (states[k] ?? 0));
      slots.push({ at: START + slot * hours(3), rows, sum, champion: 0.45 * rows, candidate: 0.45 * rows + sum });
    });
  }
  const segments = own.map((slots, k) => ({ metric: 'log_loss', segment: `origin=${['EWR', 'JFK', 'LGA'][k]}`, slots }));
  return [{ metric: 'log_loss', segment: null, slots: mergeSlots(...own) }, ...segments];
}

describe('A/A: candidates on the boundary of their rule are promoted at most alpha of the time', () => {
  it.each([1, 3, 7])('on autocorrelated and cross-correlated slots, in blocks of %d days', (blockDays) => {
    const history = historyOf(crossCorrelated(210));
    for (const kind of ['change', 'refresh'] as const) expect(liveEqualCandidates(policy, history, { ...base, kind, blockDays }).promoted).toBeLessThanOrEqual(LIMIT);
  }, 60_000);

  it.each([['frozen', 'monthly', 1], ['frozen', 'monthly', 3], ['frozen', 'monthly', 7], ['before', 'weekly', 1], ['before', 'weekly', 3], ['before', 'weekly', 7]] as const)(
    'on real flights, %s against %s, in blocks of %d days', (champion, candidate, blockDays) => {
      expect(liveEqualCandidates(policy, flights(champion, candidate), { ...base, kind: 'change', blockDays }).promoted).toBeLessThanOrEqual(policy.alpha);
    }, 60_000);

  it('on real flights with the arms exchanged, once decisions see the comparisons before: the rule is not admitted', () => {
    // The worse model is rarely much worse: a week without such an hour looks like an advantage, and no week knows it.
    const turned = flights('monthly', 'frozen');
    expect(liveEqualCandidates(policy, turned, { ...base, kind: 'change', blockDays: 3 }).promoted).toBeGreaterThan(LIMIT);
    expect(liveEqualCandidates(policy, turned, { ...base, kind: 'change', blockDays: 3, withPast: true }).promoted).toBe(0);
  }, 60_000);
});

describe('power', () => {
  it('an equal refresh of the flights is nearly always promoted, with or without the comparisons before', () => {
    const question = { ...base, replicates: 60, kind: 'refresh' as const, blockDays: 3, effect: 0 };
    const { promoted } = liveEqualCandidates(policy, flights('before', 'weekly'), question);
    expect(promoted).toBeGreaterThan(0.8);
    // Each life is drawn anew: some have a stormy first week and wait.
    expect(promoted).toBeLessThan(1);
    expect(liveEqualCandidates(policy, flights('before', 'weekly'), { ...question, withPast: true }).promoted).toBeGreaterThan(0.8);
  }, 60_000);

  it('what the flights policy would have decided on a refresh a week: most are promoted, all that are not are undetermined', () => {
    const ends = rehearseSeries(policy, flights('before', 'weekly'), { kind: 'refresh', policyHash, every: 7 * DAY_US }).map(({ end }) => end);
    expect(ends).toHaveLength(43);
    expect(ends.filter((end) => end === 'promoted').length).toBeGreaterThanOrEqual(39);
    expect(ends).not.toContain('rejected');
    expect(ends).not.toContain('rolledBack');
  }, 60_000);
});

it('refuses a history that is shorter than seven blocks', () => {
  const history = historyOf(crossCorrelated(20));
  expect(() => liveEqualCandidates(policy, history, { ...base, kind: 'change', blockDays: 3 })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  expect(() => liveEqualCandidates(policy, historyOf(crossCorrelated(60)), { ...base, kind: 'change', blockDays: 7, windowDays: 28 })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});
