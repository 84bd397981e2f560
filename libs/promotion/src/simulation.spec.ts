import { describe, expect, it } from 'vitest';
import { DAY_US } from '@mettle/contracts';
import type { Outcome } from '@mettle/contracts';
import { createRandom } from '@mettle/statistics';
import { decide } from './decide.ts';
import { START, contextOf, measuredOf, policyOf, slotsOf } from './testing/cases.ts';

const policy = policyOf({ segments: [] });
const RUNS = 300;

/** One shadow of 28 days, judged at every weekly look (harm daily would only reject more): its last word. */
function live(seed: number, kind: 'refresh' | 'change', mean: number, noise: number, phi = 0.5): Outcome['verdict'] {
  const slots = slotsOf(createRandom(seed), { days: 28, mean, noise, phi });
  for (const day of [8, 15, 22, 29]) {
    const seen = slots.filter((slot) => slot.at < START + (day - 1) * DAY_US);
    const { verdict } = decide(policy, measuredOf(seen, { dayOfPhase: day }), contextOf({ kind, policyHash: String(seed).padStart(64, '0') }));
    if (verdict !== 'undetermined') return verdict;
  }
  return 'undetermined';
}

const share = (verdict: Outcome['verdict'], run: (seed: number) => Outcome['verdict']): number => {
  let count = 0;
  for (let seed = 1; seed <= RUNS; seed += 1) if (run(seed) === verdict) count += 1;
  return count / RUNS;
};

describe('simulated lives (seeded; Monte-Carlo error 1.3 points at 5 %)', () => {
  it('A/A: an equal change is promoted at most alpha of the time', () => {
    const promoted = share('pass', (seed) => live(seed, 'change', 0, 0.02));
    expect(promoted).toBeLessThanOrEqual(0.05);
    expect(promoted).toBeGreaterThan(0);
  });
  it('a refresh on the margin is promoted at most alpha of the time', () => {
    expect(share('pass', (seed) => live(seed, 'refresh', 0.01, 0.02))).toBeLessThanOrEqual(0.05);
  });
  it('an equal refresh is nearly always promoted at flight noise, and seldom rejected', () => {
    expect(share('pass', (seed) => live(seed, 'refresh', 0, 0.015))).toBeGreaterThan(0.85);
  });
  it('a harmful candidate fails and is never promoted', () => {
    const verdicts = Array.from({ length: 60 }, (_, seed) => live(seed + 1, 'refresh', 0.08, 0.03));
    expect(verdicts.filter((verdict) => verdict === 'fail').length).toBe(60);
  });
});
