import { describe, expect, it } from 'vitest';
import { LIFECYCLE_SENTENCES } from './lifecycle-reasons.ts';
import { reasonOf, renderReason, type LifecycleReasonCode } from './reasons.ts';

const JULY = Date.UTC(2013, 6, 1) * 1000;

describe('reasons of a lifecycle', () => {
  it.each<[LifecycleReasonCode, Parameters<typeof reasonOf>[1], string | undefined, string]>([
    ['PARITY_MISMATCH', { rows: 50, mismatches: 3 }, undefined, '3 of 50 training rows are other bits'],
    ['REPORTED_METRICS_DIFFER', { reported: 0.65341, recomputed: 0.65061, tolerance: 1e-4 }, 'holdout auc', 'reported a holdout auc of 0.6534, and its file gives 0.6506'],
    ['OFFLINE_OUT_OF_BOUNDS', { value: 0.5337, atMost: null, atLeast: 0.55 }, 'auc', 'holdout\'s auc is 0.5337, and the policy asks for at least 0.55.'],
    ['SUPERSEDED', { trainedThrough: JULY, championTrainedThrough: JULY + 86_400_000_000 }, undefined, 'through 2013-07-02, this candidate through 2013-07-01'],
    ['PLACE_TAKEN', { longest: 28 * 86_400_000_000 }, undefined, 'until its 28 days were over'],
  ])('%s is said with its numbers', (code, numbers, subject, part) => {
    expect(renderReason(reasonOf(code, numbers, subject))).toContain(part);
  });

  it('render each as one sentence, numbers known or not', () => {
    for (const code of Object.keys(LIFECYCLE_SENTENCES) as LifecycleReasonCode[]) expect(renderReason(reasonOf(code, {}, 'x'))).toMatch(/^\S[^\n]+\.$/);
  });
});
