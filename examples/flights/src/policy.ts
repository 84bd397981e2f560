import { days, hours, type PolicyInput } from '@mettle/contracts';

/**
 * Written down before the year begins. The unit of evidence is the 3-hour slot over all origins: flights that share
 * an hour's weather and congestion are not independent.
 */
export const policy: PolicyInput = {
  v: 1,
  name: 'flight-lateness',
  success: { metric: 'log_loss', direction: 'lower' },
  refresh: { rule: 'nonInferior', margin: 0.01 },
  change: { rule: 'superior' },
  guardrails: [],
  segments: [{ column: 'origin', margin: 0.02 }],
  slot: { width: hours(3), pooled: true, lag: 8 },
  minSlots: 40,
  alpha: 0.05,
  mismatchAlpha: 0.001,
  tunedFor: 56,
  stickyKeys: ['plane'],
  maturation: hours(24),
  minCoverage: 0.85,
  maxCoverageGap: 0.02,
  shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 3 },
  challenge: { share: 2_000, min: days(3), max: days(10) },
  bake: days(1),
  approval: { by: 'person', notTheAuthor: true },
  retrain: { onIncident: true, onConfirmedDrift: true, maxAge: days(7), cooldown: days(5) },
  offline: {
    bounds: [{ metric: 'log_loss', atMost: 0.75 }, { metric: 'auc', atLeast: 0.55 }],
    reportedTolerance: 1e-4,
  },
};
