import { describe, expect, it } from 'vitest';
import { DAY_US, days, hours } from '@mettle/contracts';
import { createRandom } from '@mettle/statistics';
import { decide } from './decide.ts';
import { rehearse, rehearseSeries } from './rehearse.ts';
import { historyOf } from './stored-history.ts';
import type { StoredHistory } from './stored-history.ts';
import { START, contextOf, measuredOf, policyOf, slotsOf } from './testing/cases.ts';

const policy = policyOf();
const question = { kind: 'refresh' as const, startedAt: START, policyHash: '0'.repeat(64) };
const equal = (count: number, mean = 0) => measuredOf(slotsOf(createRandom(9), { days: count, mean, noise: 0.008 }), { dayOfPhase: count }).series;
const told = ({ looks }: { looks: readonly { at: number; phase: string }[] }): string[] => looks.map(({ at, phase }) => `${phase} ${(at - START) / DAY_US}`);
const dayly = <T>(count: number, champion: T, other: T) => Array.from({ length: count }, (_, day) => ({ at: START + day * DAY_US, champion, other }));

describe('rehearse', () => {
  it('lives a candidate by the looks of a lifecycle: mature weeks in shadow, then days', () => {
    const found = rehearse(policy, historyOf(equal(60)), question);
    expect(told(found)).toEqual(['shadow 8', 'challenge 9', 'challenge 10', 'challenge 11', 'bake 13', 'bake 14', 'bake 15']);
    expect(found).toMatchObject({ end: 'promoted', promotedAt: START + days(11) });
  });

  it('gives the outcome that decide gives at the same look', () => {
    const history = historyOf(equal(60));
    const found = rehearse(policy, history, question).looks[0]?.outcome;
    const cohort = { from: START, to: START + days(7) };
    const measured = measuredOf([], { dayOfPhase: 8, cohort, series: history.series.map((one) => ({ ...one, slots: one.slots.filter(({ at }) => at < cohort.to) })), champion: { model: 'history', version: 1 }, candidate: { model: 'history', version: 2 } });
    const there = decide(policy, measured, contextOf());
    expect(found?.effects).toEqual(there.effects);
    expect(found?.reasons).toEqual(there.reasons);
  });

  it('ends as the evidence ends it', () => {
    expect(rehearse(policy, historyOf(equal(60, 0.08)), question)).toMatchObject({ end: 'rejected', endedAt: START + days(8) });
    expect(told(rehearse(policy, historyOf(equal(60)), { ...question, kind: 'change' }))).toEqual(['shadow 8', 'shadow 15', 'shadow 22', 'shadow 29']);
    expect(rehearse(policy, historyOf(equal(60)), { ...question, kind: 'change' }).end).toBe('undetermined');
    expect(rehearse(policy, historyOf(equal(6)), question)).toMatchObject({ end: 'historyEnded', looks: [] });
    const baked = policyOf({ bake: days(10) });
    const later = equal(60).map((one) => ({ ...one, slots: one.slots.map((slot) => (slot.at < START + days(11) ? slot : { ...slot, sum: slot.sum + 0.2 * slot.rows })) }));
    expect(rehearse(baked, historyOf(later), question)).toMatchObject({ end: 'rolledBack', promotedAt: START + days(11) });
  });

  it('judges the split of a history that has one', () => {
    const split = (over: Partial<StoredHistory>): StoredHistory => ({ ...historyOf(equal(60)), exposures: dayly(60, 80, 20), ...over });
    expect(rehearse(policy, split({}), question)).toMatchObject({ end: 'promoted', promotedAt: START + days(11) });
    const broken = rehearse(policy, split({ exposures: dayly(60, 500, 500) }), question);
    expect(broken.end).toBe('undetermined');
    expect(broken.looks.at(-1)?.outcome.reasons.map(({ code }) => code)).toEqual(['HORIZON_ENDED', 'SAMPLE_RATIO_MISMATCH']);
    const failing = split({ service: dayly(60, { requests: 500, errors: 0, slow: null }, { requests: 500, errors: 9, slow: null }) });
    expect(rehearse(policy, failing, question)).toMatchObject({ end: 'rejected', endedAt: START + days(9) });
    const silent = rehearse(policy, split({ coverage: dayly(60, { predictions: 100, labels: 40, dropped: 0 }, { predictions: 100, labels: 40, dropped: 0 }) }), question);
    const counts = (labels: number) => ({ predictions: 100, labels, dropped: 0 });
    const fading = dayly(60, counts(99), counts(99)).map((day) => (day.at < START + days(8) ? day : { ...day, champion: counts(40), other: counts(40) }));
    expect(rehearse(policy, split({ coverage: fading }), question).end).toBe('undetermined');
    expect(silent.looks.at(-1)?.outcome.reasons.map(({ code }) => code)).toContain('LOW_COVERAGE');
  });

  it('starts a candidate as often as asked', () => {
    const found = rehearseSeries(policy, historyOf(equal(60)), { kind: 'refresh', policyHash: question.policyHash, every: days(7) });
    expect(found.map(({ startedAt }) => (startedAt - START) / DAY_US)).toEqual([0, 7, 14, 21, 28, 35, 42, 49]);
    expect(found.map(({ end }) => end)).toEqual([...Array.from({ length: 7 }, () => 'promoted'), 'historyEnded']);
  });

  it('refuses a history without a slot', () => {
    expect(() => rehearse(policy, historyOf([]), question)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(hours(3)).toBe(policy.slot.width);
  });
});
