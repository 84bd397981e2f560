import type { Measured, Policy, PolicyInput, SlotSums } from '@mettle/contracts';
import { DAY_US, Policy as PolicySchema, days, hours } from '@mettle/contracts';
import type { Random } from '@mettle/statistics';
import type { DecideContext } from '../context.ts';

export const START = 1_370_044_800_000_000 - (1_370_044_800_000_000 % DAY_US);
const HASH = '0'.repeat(64);

/** The policy of the flights example. */
export const policyOf = (over: Partial<PolicyInput> = {}): Policy =>
  PolicySchema.parse({
    v: 1,
    name: 'flights',
    success: { metric: 'log_loss', direction: 'lower' },
    refresh: { rule: 'nonInferior', margin: 0.01 },
    change: { rule: 'superior' },
    segments: [{ column: 'origin', margin: 0.02 }],
    slot: { width: hours(3), pooled: true, lag: 8 },
    minSlots: 40,
    alpha: 0.05,
    tunedFor: 56,
    stickyKeys: ['tailnum'],
    maturation: hours(24),
    minCoverage: 0.8,
    maxCoverageGap: 0.05,
    shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 3 },
    challenge: { share: 2000, min: days(3), max: days(7) },
    bake: days(3),
    approval: { by: 'policy', notTheAuthor: false },
    retrain: { onIncident: true, onConfirmedDrift: true, maxAge: days(7), cooldown: days(3) },
    ...over,
  });

export interface SlotShape { readonly days: number; readonly mean: number; readonly noise: number; readonly phi?: number; readonly rows?: number; readonly perDay?: number; readonly from?: number }

/** AR(1) slots, `perDay` of the eight of a day have rows: mean difference per row, autocorrelated noise. */
export function slotsOf(random: Random, { days: count, mean, noise, phi = 0.5, rows = 130, perDay = 7, from = START }: SlotShape): SlotSums[] {
  const slots: SlotSums[] = [];
  let state = random.normal();
  for (let at = 0; at < count * 8; at += 1) {
    state = phi * state + Math.sqrt(1 - phi * phi) * random.normal();
    if (at % 8 >= perDay) continue;
    const n = Math.max(1, Math.round(rows * (0.5 + random.next())));
    const sum = n * (mean + noise * state);
    slots.push({ at: from + at * hours(3), rows: n, sum, champion: 0.45 * n, candidate: 0.45 * n + sum });
  }
  return slots;
}

/** A measurement at `dayOfPhase` (mature through a day earlier) with the total and three origins that share its differences. */
export function measuredOf(slots: readonly SlotSums[], over: Partial<Measured> & { dayOfPhase: number }): Measured {
  const { dayOfPhase, ...rest } = over;
  const watermark = START + dayOfPhase * DAY_US;
  const third = slots.map((slot) => ({ ...slot, rows: Math.max(1, Math.round(slot.rows / 3)), sum: slot.sum / 3, champion: slot.champion / 3, candidate: slot.candidate / 3 }));
  const coverage = { predictions: 7000, labels: 6800, dropped: 0 };
  return {
    v: 1,
    phase: 'shadow',
    champion: { model: 'm', version: 1 },
    candidate: { model: 'm', version: 2 },
    cohort: { from: START, to: Math.max(START, watermark - hours(24)) },
    watermark,
    segments: HASH,
    series: [
      { metric: 'log_loss', segment: null, slots: [...slots] },
      ...['EWR', 'JFK', 'LGA'].map((origin) => ({ metric: 'log_loss', segment: `origin=${origin}`, slots: [...third] })),
    ],
    coverage: { champion: coverage, candidate: coverage },
    exposures: null,
    service: null,
    past: [],
    ...rest,
  };
}

export const contextOf = (over: Partial<DecideContext> = {}): DecideContext => ({ kind: 'refresh', phase: 'shadow', startedAt: START, policyHash: HASH, ...over });
