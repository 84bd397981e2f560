import { describe, expect, it } from 'vitest';
import { days, hours } from '@mettle/contracts';
import type { Measured, Outcome, PolicyInput, SlotSeries, SlotSums } from '@mettle/contracts';
import { createRandom } from '@mettle/statistics';
import { decide } from './decide.ts';
import type { DecideContext } from './context.ts';
import { REASON_CODES, reasonOf, renderReason } from './reasons.ts';
import type { ReasonCode } from './reasons.ts';
import { START, contextOf, measuredOf, policyOf, slotsOf } from './testing/cases.ts';

const of = (mean: number, noise = 0.008, count = 11): SlotSums[] => slotsOf(createRandom(9), { days: count, mean, noise });
const judge = (measured: Measured, context: Partial<DecideContext> = {}, policy: Partial<PolicyInput> = {}): Outcome => decide(policyOf(policy), measured, contextOf(context));
const shadow = (slots: SlotSums[], over: Partial<Measured> = {}, dayOfPhase = 8): Measured => measuredOf(slots, { dayOfPhase, ...over });
const served = (errors: number, slow: number | null) => ({ champion: { requests: 3000, errors: 0, slow: slow === null ? null : 0 }, challenger: { requests: 750, errors, slow } });
const challenge = (over: Partial<Measured>): Measured => measuredOf(of(0), { dayOfPhase: 11, phase: 'challenge', exposures: [{ champion: 800, challenger: 200 }], service: served(0, null), ...over });
const live = { phase: 'challenge' as const, startedAt: START + days(8) };
const coverage = (predictions: number, labels: number) => ({ predictions, labels, dropped: 0 });
const altered = (measured: Measured, segment: string, change: (one: SlotSeries) => void): Measured => {
  measured.series.filter((one) => one.segment === segment).forEach(change);
  return measured;
};
const brier = (slots: SlotSums[]): Measured => {
  const measured = shadow(of(0));
  measured.series.push({ metric: 'brier', segment: null, slots });
  return measured;
};
const guardrails = [{ metric: 'brier', margin: 0.01 }];
/** A level that holds for days. */
function levels(): SlotSums[] {
  const random = createRandom(12);
  let level = 0;
  return slotsOf(random, { days: 28, mean: 0, noise: 0.001, phi: 0 }).map((slot, at) => {
    if (at % 42 === 0) level = random.normal() * 0.01;
    return { ...slot, sum: slot.sum + slot.rows * (level - 0.02) };
  });
}

/** For every code an outcome of `decide` that gives it. */
const CASES: Record<ReasonCode, () => Outcome> = {
  NON_INFERIOR: () => judge(shadow(of(0))),
  SUPERIOR: () => judge(shadow(of(-0.05)), { kind: 'change' }),
  NO_HARM: () => judge(challenge({}), live),
  HARM: () => judge(shadow(of(0.08))),
  GUARDRAIL_HARMED: () => judge(brier(of(0.08)), {}, { guardrails }),
  SEGMENT_HARMED: () => judge(altered(shadow(of(0)), 'origin=JFK', (one) => { one.slots = of(0.08); })),
  SERVICE_HARMED: () => judge(challenge({ service: served(20, null) }), live),
  SERVICE_SLOWED: () => judge(challenge({ service: served(0, 20) }), live, { slowAfter: 250_000 }),
  NO_DATA: () => judge(shadow([])),
  NO_PREDICTIONS: () => judge(shadow([], { coverage: { champion: coverage(0, 0), candidate: coverage(0, 0) } })),
  NO_EXPOSURES: () => judge(challenge({ exposures: [] }), live),
  TOO_EARLY: () => judge(shadow(of(0), {}, 4)),
  TOO_FEW_SLOTS: () => judge(shadow(of(0).slice(0, 20))),
  NOT_YET_NON_INFERIOR: () => judge(shadow(of(0, 0.03))),
  NOT_YET_SUPERIOR: () => judge(shadow(of(0)), { kind: 'change' }),
  LOW_COVERAGE: () => judge(shadow(of(0), { coverage: { champion: coverage(100, 50), candidate: coverage(100, 50) } })),
  COVERAGE_GAP: () => judge(shadow(of(0), { coverage: { champion: coverage(100, 99), candidate: coverage(100, 85) } })),
  SAMPLE_RATIO_MISMATCH: () => judge(challenge({ exposures: [{ champion: 700, challenger: 300 }] }), live),
  GUARDRAIL_UNKNOWN: () => judge(brier(of(0, 0.05)), {}, { guardrails }),
  SEGMENT_UNKNOWN: () => judge(altered(shadow(of(0)), 'origin=JFK', (one) => { one.slots = of(0.02, 0.05); })),
  SEGMENT_MISSING: () => judge(shadow(of(0)), {}, { segments: [{ column: 'carrier', margin: 0.02 }] }),
  SEGMENT_IMMATERIAL: () => {
    const measured = shadow(of(0));
    measured.series.push({ metric: 'log_loss', segment: 'origin=SWF', slots: [{ at: START, rows: 3, sum: 9, champion: 0, candidate: 9 }] });
    return judge(measured);
  },
  RULE_NOT_ADMITTED: () => judge(shadow(levels(), {}, 29), {}, { slot: { width: hours(3), pooled: true, lag: 1 } }),
  HORIZON_ENDED: () => judge(shadow(slotsOf(createRandom(5), { days: 29, mean: 0, noise: 0.2 }), {}, 29)),
};

describe('every reason', () => {
  it('has a case here', () => { expect(Object.keys(CASES).sort()).toEqual([...REASON_CODES].sort()); });

  it.each(REASON_CODES.map((code) => [code] as const))('%s is given by decide, with numbers, and is one plain sentence', (code) => {
    const outcome = CASES[code]();
    const found = outcome.reasons.find((reason) => reason.code === code || reason.code.startsWith(`${code}:`));
    expect(found, outcome.reasons.map((reason) => reason.code).join()).toBeDefined();
    if (found === undefined) return;
    for (const value of Object.values(found.numbers)) expect(value === null || Number.isFinite(value)).toBe(true);
    const sentence = renderReason(found);
    expect(sentence).toMatch(/^[A-Za-z][^!?]*[^.]\.$/);
    expect(sentence).not.toMatch(/undefined|NaN|null|unknown/);
    expect(sentence.replace(/\d\.\d/g, '').match(/\./g)).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
  });

  it('goes with its verdict', () => {
    const verdicts: Record<Outcome['verdict'], string[]> = { pass: [], fail: [], undetermined: [] };
    for (const code of REASON_CODES) verdicts[CASES[code]().verdict].push(code);
    expect(verdicts.pass).toEqual(['NON_INFERIOR', 'SUPERIOR', 'NO_HARM', 'SEGMENT_IMMATERIAL']);
    expect(verdicts.fail).toEqual(['HARM', 'GUARDRAIL_HARMED', 'SEGMENT_HARMED', 'SERVICE_HARMED', 'SERVICE_SLOWED']);
  });
});

describe('renderReason', () => {
  it.each([
    ['SAMPLE_RATIO_MISMATCH', { champion: 700, challenger: 300, planned: 0.2, eValue: 1234567 }, 'The split is not the planned one: 700 entities against 300 at a planned share of 20 % (evidence 1234567).'],
    ['SERVICE_SLOWED', { champion: 0.01, challenger: 0.05, eValue: 42, slowAfter: 250_000 }, 'The challenger is slow more often: 5 % of its requests took over 250 ms, against 1 % (evidence 42).'],
    ['TOO_FEW_SLOTS', { slots: 20, needed: 40, days: 2.9 }, 'There are 20 slots of evidence and 40 are needed; about 3 more days settle it at this traffic and noise.'],
  ] as const)('tells %s with its numbers', (code, numbers, sentence) => { expect(renderReason(reasonOf(code, numbers))).toBe(sentence); });

  it('names the subject, says what is not known, and tells an unknown code with its numbers', () => {
    expect(renderReason(reasonOf('SEGMENT_UNKNOWN', { upper: null, margin: 0.02, slots: 3, needed: 30, days: null }, 'origin=JFK'))).toBe('Where origin=JFK, non-inferiority is not settled: the difference may be as large as unknown, the margin is 0.02 and there are 3 slots of 30; no number of days within the horizon will settle it at this noise.');
    expect(renderReason({ code: 'SOMETHING_NEW', numbers: { a: 1 } })).toBe('SOMETHING_NEW (a 1).');
  });
});
