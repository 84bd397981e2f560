import { describe, expect, it } from 'vitest';
import { DAY_US, days, type Policy } from '@mettle/contracts';
import { candidateByPolicy, type RetrainingSituation } from './retraining.ts';

const policy = {
  shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 3 },
  retrain: { onIncident: true, onConfirmedDrift: true, maxAge: days(7), cooldown: days(3) },
} as unknown as Policy;
const day = (n: number): number => 1_362_700_800_000_000 + n * DAY_US;
const at = (n: number, more: Partial<RetrainingSituation> = {}): RetrainingSituation => ({
  endpoint: 'e', watermark: day(n), lastLaunch: day(0), incidents: [], performanceBreached: false, shadowing: 0, ...more,
});
const incident = (kind: 'performance' | 'inputDrift', opened: number) => ({ incidentId: `${kind}/e@1`, kind, openedAt: day(opened) });

describe('candidateByPolicy', () => {
  it('renews by age, and names the cause by the date', () => {
    expect(candidateByPolicy(policy, at(6))).toBeNull();
    expect(candidateByPolicy(policy, at(7))?.cause).toBe('age-2013-03-15');
  });
  it('launches nothing before there is a first candidate', () => {
    expect(candidateByPolicy(policy, at(70, { lastLaunch: null }))).toBeNull();
  });
  it('answers a performance incident before the age, once the cooldown has passed', () => {
    const incidents = [incident('performance', 1)];
    expect(candidateByPolicy(policy, at(2, { incidents }))).toBeNull();
    expect(candidateByPolicy(policy, at(3, { incidents }))?.cause).toBe('performance-e-1');
  });
  it('does not answer an incident twice', () => {
    expect(candidateByPolicy(policy, at(4, { incidents: [incident('performance', 0)] }))).toBeNull();
  });
  it('answers drift only when the performance confirms it', () => {
    const incidents = [incident('inputDrift', 2)];
    expect(candidateByPolicy(policy, at(5, { incidents }))).toBeNull();
    expect(candidateByPolicy(policy, at(5, { incidents, performanceBreached: true }))?.cause).toBe('inputDrift-e-1');
  });
  it('waits while as many candidates shadow as the policy allows', () => {
    expect(candidateByPolicy(policy, at(9, { shadowing: 3 }))).toBeNull();
  });
});
