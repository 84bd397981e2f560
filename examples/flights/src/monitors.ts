import { days, type MonitorInput } from '@mettle/contracts';

const endpoint = 'flight-lateness';

export const monitors: MonitorInput[] = [
  { v: 1, name: 'input-psi', endpoint, kind: 'inputDrift', metric: 'psi', window: days(7), every: days(7), alpha: 0.001, floor: 0.2 },
  { v: 1, name: 'input-ks', endpoint, kind: 'inputDrift', metric: 'ks', window: days(7), every: days(7), alpha: 0.001, floor: 0.15 },
  { v: 1, name: 'output-psi', endpoint, kind: 'outputDrift', metric: 'psi', window: days(7), every: days(7), alpha: 0.001, floor: 0.2 },
  {
    v: 1, name: 'log-loss', endpoint, kind: 'performance', metric: 'log_loss', window: days(7), every: days(1), alpha: 0.01, floor: 0.03,
    hysteresis: { k: 3, n: 4, closeBelow: 0.9 },
  },
  // The register of planes is loaded once: it has nothing to say.
  { v: 1, name: 'sources-heard', endpoint, kind: 'freshness', metric: 'hours', columns: ['weather', 'landings'], window: days(1), every: days(1), floor: 12 },
  { v: 1, name: 'label-coverage', endpoint, kind: 'coverage', metric: 'share', window: days(3), every: days(1), alpha: 0.01, floor: 0.85 },
];
