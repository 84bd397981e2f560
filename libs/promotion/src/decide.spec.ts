import { describe, expect, it } from 'vitest';
import { days, hours } from '@mettle/contracts';
import type { Measured, Outcome } from '@mettle/contracts';
import { createRandom } from '@mettle/statistics';
import { decide } from './decide.ts';
import { centred } from './past.ts';
import { renderReason } from './reasons.ts';
import { START, contextOf, measuredOf, policyOf, slotsOf } from './testing/cases.ts';

const policy = policyOf();
const codes = (outcome: Outcome): string[] => outcome.reasons.map(({ code }) => code);
const equal = (count: number) => slotsOf(createRandom(2), { days: count, mean: 0, noise: 0.008 });
const better = (count: number) => slotsOf(createRandom(2), { days: count, mean: -0.03, noise: 0.02 });
const worse = (count: number) => slotsOf(createRandom(3), { days: count, mean: 0.1, noise: 0.02 });
const split = (over: Partial<Measured> = {}): Partial<Measured> => ({
  phase: 'challenge',
  exposures: [{ champion: 800, challenger: 200 }, { champion: 640, challenger: 160 }],
  service: { champion: { requests: 3000, errors: 3, slow: null }, challenger: { requests: 750, errors: 1, slow: null } },
  ...over,
});

describe('shadow', () => {
  it('passes an equal refresh at the first whole week of mature slots', () => {
    const outcome = decide(policy, measuredOf(equal(8), { dayOfPhase: 8 }), contextOf());
    expect(outcome.verdict).toBe('pass');
    expect(codes(outcome)).toEqual(['NON_INFERIOR']);
    expect(outcome.effects.map(({ role, verdict }) => [role, verdict])).toEqual([['success', 'pass'], ['harm', 'pass'], ['segment', 'pass'], ['segment', 'pass'], ['segment', 'pass']]);
    expect(outcome.effects[0]?.slots).toBe(49);
    expect(outcome.numbers.falsePromotions1d).toBeLessThan(0.08);
  });

  it('waits for mature time, not for the watermark', () => {
    const outcome = decide(policy, measuredOf(equal(7), { dayOfPhase: 7, cohort: { from: START, to: START + days(7) } }), contextOf());
    expect(outcome.verdict).toBe('undetermined');
    expect(codes(outcome)).toContain('TOO_EARLY');
    expect(outcome.numbers.nextLookAt).toBe(START + days(8));
  });

  it('looks at whole weeks only: what came after the last look does not count', () => {
    const slots = slotsOf(createRandom(9), { days: 7, mean: 0, noise: 0.008 });
    const atLook = decide(policy, measuredOf(slots, { dayOfPhase: 8 }), contextOf());
    const later = decide(policy, measuredOf([...slots, ...slotsOf(createRandom(10), { days: 3, mean: -0.2, noise: 0.008, from: START + days(7) })], { dayOfPhase: 11 }), contextOf());
    expect(later.effects[0]).toEqual(atLook.effects[0]);
  });

  it('does not pass before one whole look although the minimum is shorter', () => {
    const hasty = policyOf({ shadow: { min: days(1), max: days(28), lookEvery: days(7), concurrent: 1 }, minSlots: 8 });
    expect(codes(decide(hasty, measuredOf(equal(4), { dayOfPhase: 5 }), contextOf()))).toContain('TOO_EARLY');
    const none = policyOf({ shadow: { min: 0, max: days(28), lookEvery: days(7), concurrent: 1 }, minSlots: 8 });
    expect(codes(decide(none, measuredOf(equal(4), { dayOfPhase: 5 }), contextOf()))).toContain('TOO_EARLY');
  });

  it('asks a change to be superior: equal is not enough, better is', () => {
    const undecided = decide(policy, measuredOf(equal(8), { dayOfPhase: 8 }), contextOf({ kind: 'change' }));
    expect(undecided.verdict).toBe('undetermined');
    expect(codes(undecided)).toContain('NOT_YET_SUPERIOR');
    const outcome = decide(policy, measuredOf(better(8), { dayOfPhase: 8 }), contextOf({ kind: 'change' }));
    expect(outcome.verdict).toBe('pass');
    expect(codes(outcome)).toEqual(['SUPERIOR']);
    expect(outcome.effects[0]?.eValue ?? 0).toBeGreaterThan(20);
  });

  it('fails a change that is surely worse at all, and not a refresh that is worse within its margin', () => {
    const measured = measuredOf(slotsOf(createRandom(2), { days: 8, mean: 0.005, noise: 0.002 }), { dayOfPhase: 8 });
    expect(decide(policy, measured, contextOf()).verdict).toBe('pass');
    const outcome = decide(policy, measured, contextOf({ kind: 'change' }));
    expect(outcome).toMatchObject({ verdict: 'fail', reasons: [{ code: 'HARM', numbers: { margin: 0 } }] });
    // Once it was shown superior, the margin counts.
    expect(decide(policy, measuredOf(slotsOf(createRandom(2), { days: 8, mean: 0.005, noise: 0.002 }), { dayOfPhase: 8, ...split() }), contextOf({ kind: 'change', phase: 'challenge' })).verdict).not.toBe('fail');
  });

  it('fails early on harm, before the minimum duration', () => {
    const outcome = decide(policy, measuredOf(worse(6), { dayOfPhase: 7 }), contextOf());
    expect(outcome.verdict).toBe('fail');
    expect(codes(outcome)[0]).toBe('HARM');
    expect(outcome.reasons.map(renderReason).join(' ')).toMatch(/worse: the loss difference is above 0\.0/);
  });

  it('fails when one origin is harmed although the total is fine', () => {
    const measured = measuredOf(equal(8), { dayOfPhase: 8 });
    const jfk = measured.series.find(({ segment }) => segment === 'origin=JFK');
    jfk!.slots = worse(8);
    const outcome = decide(policy, measured, contextOf());
    expect(outcome.verdict).toBe('fail');
    expect(codes(outcome)).toEqual(['SEGMENT_HARMED:origin=JFK']);
  });

  it('never calls a thin segment safe, lets an immaterial one be, and misses an absent one', () => {
    const thin = measuredOf(equal(8), { dayOfPhase: 8 });
    thin.series.find(({ segment }) => segment === 'origin=LGA')!.slots.length = 10;
    expect(codes(decide(policy, thin, contextOf()))).toEqual(['SEGMENT_UNKNOWN:origin=LGA']);

    const tiny = measuredOf(equal(8), { dayOfPhase: 8 });
    tiny.series.push({ metric: 'log_loss', segment: 'origin=SWF', slots: [{ at: START, rows: 3, sum: 9, champion: 0, candidate: 9 }] });
    const outcome = decide(policy, tiny, contextOf());
    expect(outcome.verdict).toBe('pass');
    expect(codes(outcome)).toEqual(['NON_INFERIOR', 'SEGMENT_IMMATERIAL:origin=SWF']);
    expect(outcome.effects.find(({ segment }) => segment === 'origin=SWF')?.verdict).toBe('undetermined');

    const many = measuredOf(equal(8), { dayOfPhase: 8 });
    const small = { at: START, rows: 40, sum: 0, champion: 0, candidate: 0 };
    for (let k = 0; k < 20; k += 1) many.series.push({ metric: 'log_loss', segment: `origin=X${k}`, slots: [small] });
    expect(codes(decide(policy, many, contextOf()))).toEqual(['SEGMENT_UNKNOWN:origin=*']);

    const absent = measuredOf(equal(8), { dayOfPhase: 8 });
    absent.series.length = 1;
    expect(codes(decide(policy, absent, contextOf()))).toEqual(['SEGMENT_MISSING:origin']);
  });

  it('needs every guardrail settled', () => {
    const guarded = policyOf({ guardrails: [{ metric: 'brier', margin: 0.01 }] });
    expect(codes(decide(guarded, measuredOf(equal(8), { dayOfPhase: 8 }), contextOf()))).toEqual(['GUARDRAIL_UNKNOWN:brier']);
    const measured = measuredOf(equal(8), { dayOfPhase: 8 });
    measured.series.push({ metric: 'brier', segment: null, slots: equal(8) });
    expect(decide(guarded, measured, contextOf()).verdict).toBe('pass');
    measured.series.at(-1)!.slots = worse(8);
    expect(codes(decide(guarded, measured, contextOf()))).toEqual(['GUARDRAIL_HARMED:brier']);
  });

  it('no data is not good news', () => {
    const nothing = measuredOf([], { dayOfPhase: 8, series: [], coverage: { champion: { predictions: 0, labels: 0, dropped: 0 }, candidate: { predictions: 0, labels: 0, dropped: 0 } } });
    for (const phase of ['shadow', 'challenge', 'bake'] as const) {
      const outcome = decide(policy, nothing, contextOf({ phase }));
      expect(outcome.verdict).toBe('undetermined');
      expect(codes(outcome)).toContain('NO_DATA');
    }
  });

  it('does not decide on missing or uneven labels', () => {
    const full = { predictions: 7000, labels: 6800, dropped: 0 };
    const low = measuredOf(equal(8), { dayOfPhase: 8, coverage: { champion: { ...full, labels: 3000 }, candidate: { ...full, labels: 3000 } } });
    expect(codes(decide(policy, low, contextOf()))).toEqual(['LOW_COVERAGE']);
    const uneven = measuredOf(equal(8), { dayOfPhase: 8, coverage: { champion: full, candidate: { ...full, labels: 6000, dropped: 800 } } });
    expect(codes(decide(policy, uneven, contextOf()))).toEqual(['COVERAGE_GAP']);
  });

  it('ends undetermined when the horizon is over, and says how long it would take before that', () => {
    const noisy = slotsOf(createRandom(5), { days: 29, mean: 0, noise: 0.2 });
    const early = decide(policy, measuredOf(noisy.slice(0, 56), { dayOfPhase: 8 }), contextOf());
    expect(early.verdict).toBe('undetermined');
    expect(early.numbers.horizonEnded).toBe(0);
    const outcome = decide(policy, measuredOf(noisy, { dayOfPhase: 29 }), contextOf());
    expect(outcome.verdict).toBe('undetermined');
    expect(outcome.numbers.horizonEnded).toBe(1);
    expect(codes(outcome)[0]).toBe('HORIZON_ENDED');
    expect(outcome.reasons.map(renderReason).join(' ')).toContain('ended undecided after 28 days');
  });

  it('refuses a rule that its own history does not admit', () => {
    // A level that holds for days: the lag of one day cannot see it, so chance alone would promote too often.
    const random = createRandom(12);
    let level = 0;
    const slots = slotsOf(random, { days: 28, mean: 0, noise: 0.001, phi: 0 }).map((slot, at) => {
      if (at % 42 === 0) level = random.normal() * 0.01;
      return { ...slot, sum: slot.sum + slot.rows * (level - 0.02) };
    });
    const outcome = decide(policyOf({ slot: { width: hours(3), pooled: true, lag: 1 } }), measuredOf(slots, { dayOfPhase: 29 }), contextOf());
    expect(outcome.verdict).toBe('undetermined');
    expect(codes(outcome)).toContain('RULE_NOT_ADMITTED');
  });

  it('refuses a rule that the comparisons before do not admit: a short shadow has not seen the rare bad hour', () => {
    const past = slotsOf(createRandom(3), { days: 60, mean: -0.004, noise: 0.004, phi: 0, from: START - days(60) }).map((slot, at) => (at % 60 === 0 ? { ...slot, sum: slot.sum + 0.2 * slot.rows } : slot));
    const slots = slotsOf(createRandom(9), { days: 7, mean: -0.004, noise: 0.004, phi: 0 });
    const change = contextOf({ kind: 'change' });
    expect(decide(policy, measuredOf(slots, { dayOfPhase: 8 }), change).verdict).toBe('pass');
    const outcome = decide(policy, measuredOf(slots, { dayOfPhase: 8, past: centred(past) }), change);
    expect(codes(outcome)).toEqual(['RULE_NOT_ADMITTED']);
    expect(outcome.numbers.falsePromotions7d).toBeGreaterThan(0.0718);
  });

  it('says how long it will take, whichever way it will go', () => {
    const noisy = slotsOf(createRandom(9), { days: 7, mean: 0, noise: 0.04 });
    const off = noisy.reduce((sum, slot) => sum + slot.sum, 0) / noisy.reduce((rows, slot) => rows + slot.rows, 0);
    const waits = (mean: number) => decide(policyOf({ segments: [] }), measuredOf(noisy.map((slot) => ({ ...slot, sum: slot.sum + (mean - off) * slot.rows })), { dayOfPhase: 8 }), contextOf()).numbers.daysToDecide;
    const equally = waits(0);
    expect(equally).toBeGreaterThan(0);
    expect(equally).toBeLessThan(21);
    // On the margin nothing is ever settled; beyond it harm will be proven.
    expect(waits(0.0101)).toBeNull();
    expect(waits(0.02)).toBeCloseTo(equally ?? 0, 10);
    const early = decide(policy, measuredOf(equal(3), { dayOfPhase: 4 }), contextOf());
    expect(early.numbers.daysToDecide).toBe(4);
  });

  it('repeats to the bit', () => {
    const measured = measuredOf(equal(15), { dayOfPhase: 15 });
    expect(decide(policy, measured, contextOf())).toEqual(decide(policy, structuredClone(measured), contextOf()));
  });
});

describe('challenge', () => {
  const context = contextOf({ phase: 'challenge', startedAt: START + days(8) });

  it('passes after its minimum duration when nothing speaks against it', () => {
    expect(codes(decide(policy, measuredOf(equal(10), { dayOfPhase: 10, ...split() }), context))).toEqual(['TOO_EARLY']);
    const outcome = decide(policy, measuredOf(equal(11), { dayOfPhase: 11, ...split() }), context);
    expect(outcome.verdict).toBe('pass');
    expect(codes(outcome)).toEqual(['NO_HARM']);
  });

  it('blocks on a broken split, whatever else is fine', () => {
    const outcome = decide(policy, measuredOf(equal(11), { dayOfPhase: 11, ...split({ exposures: [{ champion: 700, challenger: 300 }] }) }), context);
    expect(outcome.verdict).toBe('undetermined');
    expect(codes(outcome)).toEqual(['SAMPLE_RATIO_MISMATCH']);
    expect(outcome.numbers.mismatchEValue ?? 0).toBeGreaterThan(1000);
  });

  it('waits for exposures', () => {
    expect(codes(decide(policy, measuredOf(equal(11), { dayOfPhase: 11, ...split({ exposures: [] }) }), context))).toEqual(['NO_EXPOSURES']);
  });

  it('fails when the challenger errs more often, not when it errs less', () => {
    const bad = { champion: { requests: 3000, errors: 3, slow: null }, challenger: { requests: 750, errors: 20, slow: null } };
    expect(codes(decide(policy, measuredOf(equal(11), { dayOfPhase: 11, ...split({ service: bad }) }), context))).toEqual(['SERVICE_HARMED']);
    const slow = { champion: { requests: 3000, errors: 3, slow: 30 }, challenger: { requests: 750, errors: 1, slow: 40 } };
    const timed = measuredOf(equal(11), { dayOfPhase: 11, ...split({ service: slow }) });
    expect(decide(policy, timed, context).verdict).toBe('pass');
    expect(codes(decide(policyOf({ segments: [{ column: 'origin', margin: 0.02 }], slowAfter: 100_000 }), timed, context))).toEqual(['SERVICE_SLOWED']);
    const good = { champion: { requests: 3000, errors: 80, slow: null }, challenger: { requests: 750, errors: 0, slow: null } };
    expect(decide(policy, measuredOf(equal(11), { dayOfPhase: 11, ...split({ service: good }) }), context).verdict).toBe('pass');
  });

  it('takes a coverage gap between arms seriously when it is beyond chance', () => {
    const champion = { predictions: 2000, labels: 1940, dropped: 0 };
    const of = (predictions: number, labels: number) => decide(policy, measuredOf(equal(11), { dayOfPhase: 11, ...split({ coverage: { champion, candidate: { predictions, labels, dropped: 0 } } }) }), context);
    expect(codes(of(500, 440))).toEqual(['COVERAGE_GAP']);
    expect(of(10, 9).verdict).toBe('pass');
    expect(codes(of(0, 0))).toEqual(['NO_PREDICTIONS']);
  });

  it('fails on harm in the comparison that goes on', () => {
    expect(decide(policy, measuredOf(worse(10), { dayOfPhase: 10, ...split() }), context).verdict).toBe('fail');
  });
});

describe('bake', () => {
  const context = contextOf({ phase: 'bake', startedAt: START + days(8) });
  it('passes after its time, and fails on harm at once', () => {
    expect(decide(policy, measuredOf(equal(10), { dayOfPhase: 10 }), context).verdict).toBe('undetermined');
    expect(decide(policy, measuredOf(equal(11), { dayOfPhase: 11 }), context).verdict).toBe('pass');
    expect(decide(policy, measuredOf(worse(9), { dayOfPhase: 9 }), context).verdict).toBe('fail');
  });

  it('orders the way back when the service fails, as far as it is measured', () => {
    const failing = { champion: { requests: 3000, errors: 3, slow: null }, challenger: { requests: 750, errors: 20, slow: null } };
    expect(codes(decide(policy, measuredOf(equal(9), { dayOfPhase: 9, service: failing }), context))).toEqual(['SERVICE_HARMED']);
  });
});
